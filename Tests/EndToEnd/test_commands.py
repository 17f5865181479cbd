"""The command line, on both engines."""

import concurrent.futures
import re
import sqlite3

import pytest

from accounts import login, send
from commands import done, failed, martlet, misunderstood
from desks import psql
from martlet import ROOT
from signing import totp

PASSWORD = "correct horse battery"


@pytest.fixture
def start(start_on_url):
    """On an empty database, once on each engine."""
    return start_on_url


def run_sql(url, command):
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:"), timeout=10) as connection:
            connection.create_collation("C", lambda a, b: (a > b) - (a < b))
            connection.execute(command)
        connection.close()
    else:
        psql(url, command)


def steps(text):
    """The lines of `migrate status`: a name, and when it was taken or `missing`."""
    return [line.split() for line in text.splitlines()]


class TestMigrate:
    def test_status_lists_the_steps_and_takes_none(self, tmp_path, url):
        for _ in range(2):
            before = steps(done(tmp_path, "migrate", "status", DATABASE_URL=url))
            assert before and all(word == "missing" for _, word in before), before
        assert [name for name, _ in before] == sorted(name for name, _ in before)
        taken = done(tmp_path, "migrate", "up", DATABASE_URL=url)
        assert taken.splitlines() == [f"{name}: done" for name, _ in before]
        after = steps(done(tmp_path, "migrate", "status", DATABASE_URL=url))
        assert [name for name, _ in after] == [name for name, _ in before]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at) for _, at in after), after
        assert done(tmp_path, "migrate", DATABASE_URL=url) == "The database is up to date.\n"

    @pytest.mark.parametrize("command", [["migrate", "status"], ["migrate", "up"], ["user", "list"]])
    def test_a_database_of_a_newer_release_is_refused(self, tmp_path, url, command):
        done(tmp_path, "migrate", DATABASE_URL=url)
        run_sql(url, "INSERT INTO migrations (name, applied_at, suits_earlier) VALUES ('m999_from_the_future', 0, FALSE)")
        sentence = failed(tmp_path, *command, DATABASE_URL=url)
        assert "newer release" in sentence and "m999_from_the_future" in sentence

    def test_no_server_starts_on_a_database_of_a_newer_release(self, tmp_path, url):
        done(tmp_path, "migrate", DATABASE_URL=url)
        run_sql(url, "INSERT INTO migrations (name, applied_at, suits_earlier) VALUES ('m999_from_the_future', 0, FALSE)")
        result = martlet(tmp_path, "serve", DATABASE_URL=url, PORT=0)
        assert result.returncode == 1 and "newer release" in result.stderr, result.stderr

    def test_a_missing_step_before_a_later_one_is_told(self, tmp_path, url):
        names = [name for name, _ in steps(done(tmp_path, "migrate", "status", DATABASE_URL=url))]
        done(tmp_path, "migrate", DATABASE_URL=url)
        run_sql(url, f"DELETE FROM migrations WHERE name = '{names[0]}'")
        assert names[0] in failed(tmp_path, "migrate", "up", DATABASE_URL=url)

    def test_many_at_once_take_each_step_once(self, tmp_path, url):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outputs = list(pool.map(lambda _: done(tmp_path, "migrate", DATABASE_URL=url), range(4)))
        taken = [line for output in outputs for line in output.splitlines() if line.endswith(": done")]
        assert len(taken) == len(set(taken)) == len(steps(done(tmp_path, "migrate", "status", DATABASE_URL=url)))

    def test_nodes_that_start_at_once_share_a_database(self, tmp_path, url, start):
        # A server ends with the thread that started it.
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            nodes = list(pool.map(
                lambda _: start(ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD=PASSWORD), range(3)))
            added = [line for node in nodes for line in node.lines if line["message"].startswith("the first admin was added")]
            assert len(added) == 1
            token = login(nodes[0], "ada@example.com").json["access_token"]
            assert [send(node, "GET", "/me", token=token).status for node in nodes] == [200, 200, 200]
            for node in nodes:
                node.stop()
        users = done(tmp_path, "user", "list", DATABASE_URL=url).splitlines()
        assert len(users) == 2, users

    def test_create_makes_the_file_of_a_new_step(self, tmp_path):
        folder = tmp_path / "Sources/Helpdesk/Migrations"
        folder.mkdir(parents=True)
        text = done(tmp_path, "migrate", "create", "more_words")
        made = list(folder.iterdir())
        assert len(made) == 1 and re.fullmatch(r"m\d{3}_more_words\.swift", made[0].name)
        number = int(made[0].name[1:4])
        assert number == len(list((ROOT / "Sources/Helpdesk/Migrations").glob("m*_*.swift"))) + 1
        assert made[0].name in text and ".moreWords" in text
        assert f'"{made[0].stem}"' in made[0].read_text() and "static let moreWords" in made[0].read_text()
        assert "File exists" in failed(tmp_path, "migrate", "create", "more_words")

    def test_create_wants_a_source_tree(self, tmp_path):
        assert "source tree" in failed(tmp_path, "migrate", "create", "words")

    def test_a_database_that_is_not_there_is_told(self, tmp_path):
        failed(tmp_path, "migrate", "status", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
        failed(tmp_path, "migrate", "status", DATABASE_URL=f"sqlite:{tmp_path}/no/such/folder/martlet.db")


class TestPeople:
    @pytest.mark.parametrize("way", ["stdin", "argument"])
    def test_an_admin_is_added_and_signs_in(self, tmp_path, url, start, way):
        given = ["--password-stdin"] if way == "stdin" else ["--password", PASSWORD]
        text = done(tmp_path, "admin", "create", "--email", "ada@example.com", *given, DATABASE_URL=url, stdin=f"{PASSWORD}\n")
        assert text == "ada@example.com is an admin now; the username is ada.\n"
        server = start()
        answer = login(server, "ada")
        assert answer.status == 200, answer.body
        user = answer.json["user"]
        assert (user["role"], user["name"], user["email_verified"]) == ("admin", "ada", True)
        assert send(server, "GET", "/users", token=answer.json["token"]).status == 200
        assert not any("there is no admin yet" in line["message"] for line in server.lines)

    def test_an_admin_is_added_while_the_server_runs(self, tmp_path, url, start):
        server = start()
        assert login(server, "ada@example.com").status == 401
        done(tmp_path, "admin", "create", "--email=ada@example.com", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        assert login(server, "ada@example.com").status == 200

    @pytest.mark.parametrize("role", ["customer", "agent", "admin"])
    def test_people_of_each_role_are_added(self, tmp_path, url, start, role):
        done(tmp_path, "user", "create", "--email", "eve@example.com", "--name", "Eve van Doe", "--role", role, "--password-stdin",
             DATABASE_URL=url, stdin=PASSWORD)
        user = login(start(), "eve").json["user"]
        assert (user["role"], user["name"], user["first_name"], user["last_name"]) == (role, "Eve van Doe", "Eve", "van Doe")

    def test_what_is_no_address_or_password_is_told(self, tmp_path, url):
        assert "password: " in failed(
            tmp_path, "admin", "create", "--email", "ada@example.com", "--password-stdin", DATABASE_URL=url, stdin="short\n")
        sentence = failed(tmp_path, "user", "create", "--email", "nobody", "--password-stdin", DATABASE_URL=url, stdin="short\n")
        assert "email: " in sentence and "password: " in sentence
        assert "standard input" in failed(
            tmp_path, "admin", "create", "--email", "ada@example.com", "--password-stdin", DATABASE_URL=url)

    @pytest.mark.parametrize("name", ["x" * 201, "Eve\nDoe", "\u202eevE", "\u200b"])
    def test_what_is_no_name_is_told(self, tmp_path, url, name):
        assert failed(
            tmp_path, "user", "create", "--email", "eve@example.com", "--name", name, "--password-stdin", DATABASE_URL=url,
            stdin=PASSWORD).startswith("name: String should ")

    def test_the_staffs_usernames_are_no_customers(self, tmp_path, url):
        flags = ["--email", "support@example.com", "--password-stdin"]
        assert done(tmp_path, "user", "create", *flags, DATABASE_URL=url, stdin=PASSWORD).endswith("the username is user.\n")
        flags[1] = "admin@example.com"
        assert done(tmp_path, "admin", "create", *flags, DATABASE_URL=url, stdin=PASSWORD).endswith("the username is admin.\n")

    def test_a_known_address_is_refused(self, tmp_path, url):
        command = ["user", "create", "--email", "eve@example.com", "--password-stdin"]
        done(tmp_path, *command, DATABASE_URL=url, stdin=PASSWORD)
        assert failed(tmp_path, *command, DATABASE_URL=url, stdin=PASSWORD) == "Email already registered"

    def test_people_are_listed_in_the_order_in_which_they_came(self, tmp_path, url):
        assert done(tmp_path, "user", "list", DATABASE_URL=url).split() == ["ID", "EMAIL", "USERNAME", "NAME", "ROLE", "ACTIVE"]
        for name in ("zoe", "eve", "bob"):
            done(tmp_path, "user", "create", "--email", f"{name}@example.com", "--role", "agent", "--password-stdin",
                 DATABASE_URL=url, stdin=PASSWORD)
        lines = done(tmp_path, "user", "list", DATABASE_URL=url).splitlines()
        assert [line.split()[1:] for line in lines[1:]] == [
            [f"{name}@example.com", name, name, "agent", "yes"] for name in ("zoe", "eve", "bob")]

    def test_a_name_cannot_play_with_the_terminal(self, tmp_path, url):
        command = ["user", "create", "--email", "eve@example.com", "--password-stdin", "--name"]
        assert "\x1b" not in failed(tmp_path, *command, "Eve\x1b[2J\nmallory", DATABASE_URL=url, stdin=PASSWORD)
        # What is not drawn belongs into some names.
        done(tmp_path, *command, "Eve\u200fmallory", DATABASE_URL=url, stdin=PASSWORD)
        text = done(tmp_path, "user", "list", DATABASE_URL=url)
        assert "\u200f" not in text and len(text.splitlines()) == 2

    @pytest.mark.parametrize("name", ["eve", "EVE@example.com"])
    def test_a_new_password_ends_the_sign_ins(self, tmp_path, url, start, name):
        done(tmp_path, "user", "create", "--email", "eve@example.com", "--password-stdin", DATABASE_URL=url, stdin="an older password")
        server = start()
        old = login(server, "eve", "an older password").json
        text = done(tmp_path, "user", "password", name, "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        assert text == f"The password of {name} was set, and all their sign-ins and API keys ended.\n"
        assert send(server, "POST", "/auth/refresh", {"refresh_token": old["refresh_token"]}).status == 401
        assert login(server, "eve", "an older password").status == 401
        assert login(server, "eve").status == 200

    def test_who_lost_their_app_comes_in_by_the_operators_word(self, tmp_path, url, start):
        done(tmp_path, "user", "create", "--email", "eve@example.com", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        server = start()
        token = login(server, "eve").json["token"]
        secret = send(server, "POST", "/me/totp", token=token).json["secret"]
        assert send(server, "POST", "/me/totp/confirm", {"code": totp(secret)}, token).status == 200
        done(tmp_path, "user", "password", "eve", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        assert login(server, "eve").status == 401, "a new password alone is not enough"
        done(tmp_path, "user", "password", "eve", "--password-stdin", "--without-totp", DATABASE_URL=url, stdin=PASSWORD)
        assert login(server, "eve").status == 200

    def test_the_password_of_nobody_is_not_set(self, tmp_path, url):
        assert failed(tmp_path, "user", "password", "nobody", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD) == \
            "There is no account nobody"

    def test_no_password_is_printed_or_logged(self, tmp_path, url, start):
        secret = "a very secret word"
        result = martlet(tmp_path, "admin", "create", "--email", "ada@example.com", "--password", secret, DATABASE_URL=url)
        assert secret not in result.stdout + result.stderr
        server = start()
        assert login(server, "ada", secret).status == 200
        assert not any(secret in str(line) for line in server.lines)


class TestLine:
    @pytest.mark.parametrize("command", ["serve", "migrate", "admin", "user", "config", "version"])
    def test_each_command_explains_itself(self, tmp_path, command):
        text = done(tmp_path, command, "--help")
        assert text.startswith(f"Usage: martlet {command}")
        assert done(tmp_path, "help", command) == text

    def test_the_help_names_all_commands(self, tmp_path):
        text = done(tmp_path, "--help")
        assert all(f"  {command} " in text for command in ("serve", "migrate", "admin", "user", "config", "version"))

    @pytest.mark.parametrize("line", ["nothing", "admin", "admin remove", "user create", "migrate down", "serve --no-such-flag", ""])
    def test_what_is_not_understood_exits_with_2(self, tmp_path, line):
        misunderstood(tmp_path, *line.split())

    def test_a_bad_setting_exits_with_1(self, tmp_path):
        result = martlet(tmp_path, "migrate", "status", DATABASE_URL="mysql://x")
        assert (result.returncode, result.stdout) == (1, "") and "DATABASE_URL" in result.stderr

    def test_the_version_is_one_line(self, tmp_path):
        assert re.fullmatch(r"martlet \S+ \(.+\), swift .+\n|martlet .+\n", done(tmp_path, "version"))

    def test_the_settings_are_printed_without_secrets(self, tmp_path):
        text = done(tmp_path, "config", JWT_SECRET="hunter2hunter2", ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD="correct horse")
        assert "hunter2" not in text and "correct horse" not in text and "ADMIN_EMAIL" in text
