"""Pictures named by product files: fetched by a worker, and what is said when none comes."""

from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from shop.catalog import services
from shop.catalog.models import ProductImage
from tests.catalog.shelf import make_product, picture

PICTURE = picture((600, 300))


@pytest.fixture
def image(db):
    """An image that a product file named, not fetched yet."""
    product = make_product()
    return services.add_remote_image(product_id=product.pk, source_url="https://x.example/a.png")


def at(image, address):
    ProductImage.objects.filter(pk=image.pk).update(source_url=address)


def files(media):
    return [path for path in Path(media).rglob("*") if path.is_file()]


def test_a_worker_fetches_the_picture_of_a_new_image(server, image, run_jobs):
    server.answers["/a.png"] = (200, {}, PICTURE)
    at(image, server.url("/a.png"))

    done = run_jobs()

    image.refresh_from_db()
    assert done == ["catalog.fetch_image"]
    assert (image.width, image.height, image.fetch_problem) == (600, 300, "")
    assert image.file.size > image.thumbnail.size > 0


def test_nothing_is_fetched_twice(server, image, run_jobs, media):
    server.answers["/a.png"] = (200, {}, PICTURE)
    at(image, server.url("/a.png"))
    run_jobs()

    services.fetch_remote_image(image_id=image.pk)
    services.fetch_image(image_id=image.pk, content=PICTURE)

    assert len(server.asked) == 1
    assert len(files(media)) == 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [((404, {}, b""), "not_there"), ((200, {}, b"<svg/>"), "not_a_picture")],
)
def test_what_will_never_be_a_picture_is_noted_and_not_asked_for_again(
    server, image, run_jobs, answer, problem
):
    server.answers["/a.png"] = answer
    at(image, server.url("/a.png"))

    run_jobs()

    image.refresh_from_db()
    assert (image.fetch_problem, str(image.file)) == (problem, "")
    assert ProcrastinateJob.objects.get().status == "succeeded"


def test_a_server_in_trouble_is_asked_again_and_the_trouble_is_noted(server, image, run_jobs):
    server.answers["/a.png"] = (503, {}, b"")
    at(image, server.url("/a.png"))

    run_jobs()

    image.refresh_from_db()
    job = ProcrastinateJob.objects.get()
    assert image.fetch_problem == "unreachable"
    assert (job.status, job.attempts) == ("todo", 1)

    server.answers["/a.png"] = (200, {}, PICTURE)
    services.fetch_remote_image(image_id=image.pk)
    image.refresh_from_db()
    assert (image.fetch_problem, image.width) == ("", 600)


def test_a_picture_for_an_image_that_is_gone_leaves_no_file(image, media):
    services.remove_image(image_id=image.pk)

    services.fetch_image(image_id=image.pk, content=PICTURE)
    services.fetch_remote_image(image_id=image.pk)

    assert files(media) == []
