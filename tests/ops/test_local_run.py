"""`make run`: the whole shop starts together, is looked after, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import httpx
import psycopg
import pytest

from mdv import env
from mdv.ops import demo_accounts
from mdv.ops.local.programs import Program
from tests.ops.shops import (
    CHECKOUT,
    ENDING_S,
    Shop,
    environment,
    processes_on,
    sockets_in,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]

FIRST_START_S = 120  # with the demo data
LATER_START_S = 15


@pytest.fixture(scope="module")
def used_folder(tmp_path_factory):
    """A state folder on which a shop has run before: starts are quick."""
    folder = tmp_path_factory.mktemp("used") / "run"
    shop = Shop(folder)
    shop.wait_until_open()
    assert shop.end() == 0
    return folder


@pytest.fixture
def shop(used_folder):
    shop = Shop(used_folder)
    try:
        shop.wait_until_open()
        yield shop
    finally:
        shop.end()


def assert_nothing_is_left(folder):
    assert processes_on(folder) == {}
    assert sockets_in(folder) == []
    assert not env.services_file(folder).exists()


@pytest.mark.timed
def test_from_nothing_it_opens_and_the_next_start_is_quick_and_finds_the_same_data(tmp_path):
    folder = tmp_path / "run"

    first = Shop(folder)
    assert first.wait_until_open() < FIRST_START_S
    assert first.health() == 200
    with psycopg.connect(env.read_services(folder)["DATABASE_URL"]) as session:
        assert session.execute("SHOW fsync").fetchone() == ("on",)
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        assert session.execute("SELECT count(*) FROM orders_order").fetchone() == (500,)
    assert first.end() == 0
    assert_nothing_is_left(folder)

    second = Shop(folder)
    assert second.wait_until_open() < LATER_START_S
    with psycopg.connect(env.read_services(folder)["DATABASE_URL"]) as session:
        assert session.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert session.execute("SELECT count(*) FROM orders_order").fetchone() == (500,)
    assert second.end() == 0
    assert_nothing_is_left(folder)


def test_it_says_where_to_look_and_whom_to_log_in_as(shop):
    for path in ("/", "/admin/", "/api/docs/", "/health"):
        assert f"http://localhost:{shop.port}{path}\n" in shop.said
    for email in (*demo_accounts.STAFF.values(), demo_accounts.CUSTOMER):
        assert email in shop.said
    assert "password demo-mdv-2026" in shop.said


def test_an_order_can_be_paid_at_a_simulated_provider(shop):
    found = env.read_services(shop.folder)

    assert "Paystack and Stripe are simulated" in shop.said
    assert "mdv.ops.simulators" in str(shop.processes().values())
    for provider in ("PAYSTACK", "STRIPE"):
        address = found[f"{provider}_API_URL"]
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(address, timeout=5).status_code == 401  # it is there, and wants a key
        assert re.fullmatch(r"sk_test_[0-9a-f]{24}", found[f"{provider}_SECRET_KEY"])


def test_with_keys_of_a_provider_none_is_simulated(used_folder):
    shop = Shop(used_folder, PAYSTACK_SECRET_KEY="sk_test_0123456789abcdef")
    try:
        shop.wait_until_open()

        assert "Orders are paid at the providers whose keys are set." in shop.said
        assert "mdv.ops.simulators" not in str(shop.processes().values())
        assert "PAYSTACK_SECRET_KEY" not in env.read_services(shop.folder)
    finally:
        shop.end()


def test_ctrl_c_ends_everything_in_order(shop):
    shop.wait_until_said("Launching a worker")  # else it may say so after we have closed

    code = shop.end(signal.SIGINT)

    assert code == 0
    assert shop.said.rstrip().endswith("Closing the shop …")
    assert "Traceback" not in shop.said
    assert_nothing_is_left(shop.folder)


def test_a_second_shop_on_the_same_folder_is_refused_in_one_line(shop):
    second = Shop(shop.folder)

    assert second.process.wait(ENDING_S) == 1
    assert second.said == f"A shop is already running on {shop.folder}.\n"
    assert shop.health() == 200


def test_killed_hard_it_takes_everything_along_and_starts_again(shop):
    os.kill(shop.process.pid, signal.SIGKILL)
    shop.process.wait()

    wait_until(lambda: shop.processes() == {}, ENDING_S)

    again = Shop(shop.folder)
    again.wait_until_open()
    assert again.health() == 200
    assert again.end() == 0
    assert_nothing_is_left(shop.folder)


def test_a_worker_that_dies_is_named_and_replaced_three_times_and_then_the_shop_ends(shop):
    for restart in (1, 2, 3):
        os.kill(shop.pid_of("procrastinate worker"), signal.SIGKILL)
        shop.wait_until_said(f"worker ended (SIGKILL); restart {restart} of 3.")
        wait_until(lambda: "procrastinate worker" in str(shop.processes().values()), ENDING_S)
        assert shop.health() == 200

    os.kill(shop.pid_of("procrastinate worker"), signal.SIGKILL)

    assert shop.process.wait(ENDING_S) == 1
    assert "worker ended (SIGKILL) once more; that was 3 restarts." in shop.said
    assert_nothing_is_left(shop.folder)


def test_when_a_service_dies_it_is_named_and_the_shop_ends(shop):
    os.kill(shop.pid_of("redis.sock"), signal.SIGKILL)

    assert shop.process.wait(ENDING_S) == 1
    assert f"redis ended. Its log: {shop.folder}/redis.log" in shop.said
    assert processes_on(shop.folder) == {}


def test_manage_py_finds_the_running_shop(shop):
    beside = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=CHECKOUT,
        env=environment(shop.folder, MDV_ENV="local"),
        check=False,
    )

    assert beside.returncode == 0


def test_asked_to_end_while_it_still_prepares_it_ends_at_once(tmp_path):
    shop = Shop(tmp_path / "run")
    shop.wait_until_said("Running manage.py prepare_shop")

    assert shop.end() == 0
    assert "The shop is open." not in shop.said
    assert_nothing_is_left(shop.folder)


def test_a_taken_port_is_said_in_one_line_and_nothing_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        shop = Shop(tmp_path / "run", port=port)

        assert shop.process.wait(ENDING_S) == 1
    assert shop.said == f"Port {port} is taken. Choose another: PORT={port + 1} make run\n"
    assert_nothing_is_left(shop.folder)


def test_given_services_are_used_and_left_running(tmp_path):
    addresses = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}

    shop = Shop(tmp_path / "run", **addresses)
    shop.wait_until_open()

    found = env.read_services(shop.folder)
    assert {name: found[name] for name in addresses} == addresses
    assert "Starting" not in shop.said
    assert shop.end() == 0
    assert_nothing_is_left(shop.folder)
    psycopg.connect(addresses["DATABASE_URL"]).close()


def test_when_the_database_cannot_be_prepared_the_shop_does_not_open(tmp_path):
    shop = Shop(tmp_path / "run", DATABASE_URL="postgres://nobody@%2Fnowhere/none")

    assert shop.process.wait(ENDING_S) == 1
    assert "prepare_shop ended (exit code 1)" in shop.said
    assert "so the shop does not open." in shop.said
    assert_nothing_is_left(shop.folder)


def test_a_wrong_variable_is_named_in_one_line(tmp_path):
    shop = Shop(tmp_path / "run", port="eighty")

    assert shop.process.wait(ENDING_S) == 1
    assert shop.said == (
        "mdv cannot start: PORT must be a whole number from 1 to 65535, not 'eighty'.\n"
    )


def test_a_program_that_does_not_listen_is_killed_when_somebody_is_in_a_hurry(tmp_path):
    is_deaf = tmp_path / "is-deaf"
    command = f"trap '' TERM; touch {is_deaf}; sleep 60; sleep 60"
    stubborn = Program("stubborn", ["sh", "-c", command], dict(os.environ))
    stubborn.start()
    wait_until(is_deaf.exists, ENDING_S)

    stubborn.stop(SimpleNamespace(in_a_hurry=True))

    assert stubborn.how_it_ended() == "stubborn ended (SIGKILL)"
