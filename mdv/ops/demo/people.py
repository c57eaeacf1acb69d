"""Who works at the demo shop and who buys there."""

from dataclasses import dataclass
from random import Random

from mdv.ops import demo_accounts

COUNTRY = "NG"
SHARE_WITH_SECOND_ADDRESS = 0.3
GUEST_DOMAIN = "mail.example"

STAFF_NAMES = {
    "admin": "Bisi Adeyemi",
    "supervisor": "Emeka Nwosu",
    "operations": "Halima Bello",
    "logistics": "Tunde Bakare",
    "support": "Ngozi Eze",
    "auditor": "Ibrahim Sule",
}

CUSTOMER_NAMES = (
    "Ada Okafor", "Folake Ogunleye", "Chinedu Obi", "Aisha Mohammed", "Seun Adebayo",
    "Ifeoma Nnamdi", "Yusuf Garba", "Kemi Alabi", "Obinna Eze", "Zainab Lawal",
    "Damilola Ojo", "Uche Anyanwu", "Funmi Akande", "Musa Danjuma", "Tolu Fashola",
    "Nkechi Uzor", "Bola Oyelaran", "Hadiza Abubakar", "Kunle Ajayi", "Amaka Igwe",
    "Segun Olatunji", "Rukayat Balogun", "Chioma Okeke", "Femi Odukoya", "Ebele Nwankwo",
    "Sani Aliyu", "Titi Coker", "Ikenna Madu", "Simi Lawson", "Bukola Idowu",
    "Efe Omoregie", "Osas Igbinedion", "Patience Effiong", "Ime Udoh", "Tamuno George",
    "Blessing Amadi", "Dayo Adekunle", "Maryam Shehu", "Nnenna Orji", "Lanre Olawale",
    "Grace Etim", "Kelechi Iwu", "Yetunde Sanni", "Abdul Kareem", "Ronke Ogunbiyi",
    "Chidi Onyema", "Omolara Peters", "Bashir Tanko", "Vivian Ekwueme", "Wale Adesina",
)  # fmt: skip

GUEST_NAMES = (
    "Ireti Bamidele", "Chuka Dike", "Safiya Usman", "Lola Martins", "Ejiro Oghene",
    "Peju Ademola", "Nonso Ani", "Farida Isa", "Deji Thomas", "Adaeze Mbah",
    "Hauwa Bala", "Gbenga Oni",
)  # fmt: skip

# (street, city, state); Lagos first and most, as its customers are.
PLACES = (
    ("14 Akin Adesola Street", "Victoria Island", "Lagos"),
    ("7B Admiralty Way", "Lekki", "Lagos"),
    ("22 Herbert Macaulay Way", "Yaba", "Lagos"),
    ("5 Allen Avenue", "Ikeja", "Lagos"),
    ("31 Bode Thomas Street", "Surulere", "Lagos"),
    ("3 Glover Road", "Ikoyi", "Lagos"),
    ("48 Isaac John Street", "Ikeja GRA", "Lagos"),
    ("9 Festac Link Road", "Amuwo-Odofin", "Lagos"),
    ("17 Diya Street", "Gbagada", "Lagos"),
    ("26 Ring Road", "Ibadan", "Oyo"),
    ("12 Ibrahim Taiwo Road", "Abeokuta", "Ogun"),
    ("8 Gbongan Road", "Osogbo", "Osun"),
    ("40 Aminu Kano Crescent", "Wuse II", "FCT"),
    ("11 Gimbiya Street", "Garki", "FCT"),
    ("19 Aba Road", "Port Harcourt", "Rivers"),
    ("6 Ogui Road", "Enugu", "Enugu"),
    ("33 Airport Road", "Benin City", "Edo"),
    ("15 Zaria Road", "Kano", "Kano"),
    ("2 Marian Road", "Calabar", "Cross River"),
)
LAGOS_PLACES = 9
SHARE_IN_LAGOS = 0.65


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer; one without an account is a guest."""

    name: str
    email: str
    phone: str
    places: tuple[tuple[str, str, str], ...]
    has_account: bool

    def address(self, place: int = 0) -> dict[str, str]:
        """Return where to deliver to."""
        street, city, state = self.places[place]
        return {
            "name": self.name,
            "phone": self.phone,
            "street": street,
            "city": city,
            "state": state,
            "country": COUNTRY,
        }


def plan_people(random: Random) -> list[Person]:
    """Return the customers with an account, in the order of their numbers, then the guests."""
    emails = (*demo_accounts.CUSTOMERS, *(_guest_email(name) for name in GUEST_NAMES))
    return [
        Person(
            name=name,
            email=email,
            phone=f"+23480000{number:05d}",
            places=_places(random),
            has_account=number <= len(CUSTOMER_NAMES),
        )
        for number, (name, email) in enumerate(
            zip(CUSTOMER_NAMES + GUEST_NAMES, emails, strict=True), start=1
        )
    ]


def _guest_email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{GUEST_DOMAIN}"


def _places(random: Random) -> tuple[tuple[str, str, str], ...]:
    count = 2 if random.random() < SHARE_WITH_SECOND_ADDRESS else 1
    near, far = PLACES[:LAGOS_PLACES], PLACES[LAGOS_PLACES:]
    return tuple(random.sample(near if random.random() < SHARE_IN_LAGOS else far, count))
