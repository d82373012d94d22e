"""Where data come from: the order of sources, Kaggle out of reach, cut downloads."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest
from standins import stamp_download, write_class_folders, write_sign_mnist_csvs, zip_folder

import asl_helpers as asl
from asl_helpers.datasets import DatasetError, describe, kaggle, prepare
from asl_helpers.datasets.catalog import CATALOG, entry

SIGN = entry("sign_language_mnist")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache, no data folder, a network that may be asked but leads nowhere."""
    for name in ("ASL_DATA_DIR", "ASL_PROFILE", "ASL_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(kaggle, "_failed", {})
    monkeypatch.setattr(kaggle, "_ADDRESS", "http://127.0.0.1:9/")
    return tmp_path / "cache"


class Answer(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def reachable(monkeypatch):
    """Something that answers where Kaggle is expected."""
    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(kaggle, "_ADDRESS", f"http://127.0.0.1:{server.server_port}/")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def kagglehub(monkeypatch, tmp_path):
    """A stand-in for kagglehub, run in its place: a function sets what it does."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(kaggle, "_POLL_SECONDS", 0.05)

    def behaves(body: str):
        lines = ["import os, pathlib, sys, time", "def dataset_download(handle):"]
        lines += ["    target = pathlib.Path(os.environ['KAGGLEHUB_CACHE']) / 'files'"]
        lines += ["    target.mkdir(parents=True)"]
        lines += [f"    {line}" for line in body.splitlines()]
        (folder / "kagglehub.py").write_text("\n".join(lines) + "\n")

    return behaves


def test_a_quick_run_never_asks_the_network(monkeypatch, capsys):
    monkeypatch.setattr(kaggle, "fetch", lambda entry: pytest.fail("the network was asked"))
    asl.load("sign_language_mnist")
    asl.load("asl_alphabet", size=32)
    describe()
    assert capsys.readouterr().out.count("drawn twin") == 2


def test_offline_gives_the_twin_at_once_and_says_why(monkeypatch, capsys):
    monkeypatch.setenv("ASL_PROFILE", "full")
    monkeypatch.setenv("ASL_OFFLINE", "1")
    monkeypatch.setattr(kaggle, "_probe", lambda: pytest.fail("the network was asked"))
    data = asl.load("sign_language_mnist")
    out = capsys.readouterr().out
    assert not data.info.is_real
    assert out.count("\n") == 1
    assert "drawn twin of sign_language_mnist" in out
    assert "out of reach: ASL_OFFLINE is set" in out


def test_no_network_gives_the_twin_and_says_why_in_the_same_line(monkeypatch, capsys):
    monkeypatch.setenv("ASL_PROFILE", "full")
    data = asl.load("sign_language_mnist")
    out = capsys.readouterr().out
    assert not data.info.is_real
    assert out.count("\n") == 1
    assert "Kaggle cannot be reached: connection refused" in out


def test_a_name_that_is_not_found_is_unreachable(monkeypatch):
    monkeypatch.setattr(kaggle, "_ADDRESS", "http://nowhere.invalid/")
    with pytest.raises(kaggle.Unreachable, match="its name is not found"):
        kaggle.fetch(SIGN)


def test_a_network_that_swallows_packets_is_given_up(monkeypatch):
    assert kaggle.PROBE_SECONDS < 10
    monkeypatch.setattr(kaggle, "PROBE_SECONDS", 1.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setattr(kaggle, "_ADDRESS", f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        with pytest.raises(kaggle.Unreachable, match="no answer"):
            kaggle.fetch(SIGN)


def test_looking_up_a_name_for_ever_is_given_up(monkeypatch):
    import requests

    held = threading.Event()
    monkeypatch.setattr(requests, "head", lambda *_, **__: held.wait())
    monkeypatch.setattr(kaggle, "PROBE_SECONDS", 0.1)
    with pytest.raises(kaggle.Unreachable, match="no answer in 0 s"):
        kaggle.fetch(SIGN)
    held.set()


def test_an_unreachable_kaggle_is_asked_once(monkeypatch):
    with pytest.raises(kaggle.Unreachable):
        kaggle.fetch(SIGN)
    monkeypatch.setattr("requests.head", lambda *_, **__: pytest.fail("asked again"))
    with pytest.raises(kaggle.Unreachable, match="connection refused"):
        kaggle.fetch(SIGN)


def test_preparing_without_a_network_is_an_error_and_makes_nothing(cache):
    with pytest.raises(DatasetError, match=r"out of reach: .*Nothing was prepared.*ASL_DATA_DIR"):
        prepare("sign_language_mnist")
    assert not (cache / "prepared").exists()


def test_a_complete_download_is_remembered(reachable, kagglehub, cache):
    kagglehub("(target / 'done.txt').write_text(handle)\nprint('Downloading')\nreturn str(target)")
    folder = kaggle.fetch(SIGN)
    assert (folder / "done.txt").read_text() == "datamunge/sign-language-mnist"
    assert kaggle.downloaded(SIGN) == folder
    kagglehub("sys.exit('asked again')")
    assert kaggle.fetch(SIGN) == folder


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("(target / 'half.csv').write_text('label')\nsys.exit('connection lost')", "connection l"),
        ("raise OSError(28, 'No space left on device')", "No space left on device"),
        ("print('x')\nreturn '/absent/folder'", "which is not there"),
    ],
)
def test_half_a_download_is_never_used(reachable, kagglehub, cache, body, message):
    kagglehub(body)
    with pytest.raises(kaggle.Unreachable, match=message):
        kaggle.fetch(SIGN)
    assert kaggle.downloaded(SIGN) is None
    assert not asl.load("sign_language_mnist").info.is_real


def test_a_download_that_stands_still_is_stopped(reachable, kagglehub, monkeypatch):
    monkeypatch.setattr(kaggle, "STALL_SECONDS", 0.3)
    kagglehub("(target / 'half.csv').write_text('label')\ntime.sleep(600)")
    with pytest.raises(kaggle.Unreachable, match="stood still"):
        kaggle.fetch(SIGN)
    assert kaggle.downloaded(SIGN) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folder": 3}', '{"folder": "/absent"}'])
def test_a_damaged_stamp_counts_as_no_download(cache, text):
    (cache / "kaggle").mkdir(parents=True)
    (cache / "kaggle" / "sign_language_mnist.json").write_text(text)
    assert kaggle.downloaded(SIGN) is None


def test_a_download_with_rows_missing_is_an_error_not_a_twin(cache, tmp_path):
    write_sign_mnist_csvs(tmp_path / "download")
    stamp_download(cache, "sign_language_mnist", tmp_path / "download")
    with pytest.raises(DatasetError, match=r"720 pictures, .* has 34,627; half a download\?"):
        asl.load("sign_language_mnist")


def test_the_order_of_sources(cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(CATALOG, SIGN.name, _with_count(SIGN, 720))
    seen = []

    def take():
        data = asl.load("sign_language_mnist", split="official", verbose=False)
        rows = {row.name: row.source for row in describe()}
        seen.append((data.info.source, rows["sign_language_mnist"]))

    take()
    write_sign_mnist_csvs(tmp_path / "download", seed=10)
    stamp_download(cache, "sign_language_mnist", tmp_path / "download")
    take()
    prepare("sign_language_mnist")
    take()
    write_sign_mnist_csvs(tmp_path / "mine")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "mine"))
    take()
    assert [source for _, source in seen] == [
        "drawn twin",
        "Kaggle, downloaded",
        "prepared copy",
        "ASL_DATA_DIR (sign_mnist_train.csv)",
    ]
    assert seen[0][0].startswith("drawn twin")
    assert seen[1][0].startswith("Sign Language MNIST, from Kaggle")
    assert seen[2][0] == seen[1][0] + ", prepared copy"
    assert seen[3][0].startswith("Sign Language MNIST (")


def test_damage_in_the_data_folder_is_an_error_not_another_source(tmp_path, monkeypatch):
    (tmp_path / "sign_mnist_test.npz").write_bytes(b"PK")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError, match="cannot be read"):
        asl.load("sign_language_mnist")


def test_kaggles_folder_of_pictures_is_read_when_complete(cache, tmp_path, monkeypatch):
    alphabet = entry("asl_alphabet")
    monkeypatch.setitem(CATALOG, alphabet.name, _with_count(alphabet, 29 * 5))
    train = tmp_path / "1" / "asl_alphabet_train" / "asl_alphabet_train"
    write_class_folders(train, frames=5)
    stamp_download(cache, "asl_alphabet", tmp_path / "1")
    data = asl.load("asl_alphabet", split="random", size=16)
    assert data.info.is_real
    assert sum(data.info.sizes.values()) == 29 * 5
    Path(train / "Z" / "Z5.jpg").unlink()
    with pytest.raises(DatasetError, match="144 pictures"):
        asl.load("asl_alphabet", size=16)


def test_a_download_that_changed_later_is_an_error(cache, tmp_path, monkeypatch):
    monkeypatch.setitem(CATALOG, SIGN.name, _with_count(SIGN, 720))
    folder = tmp_path / "download"
    write_sign_mnist_csvs(folder)
    stamp_download(cache, SIGN.name, folder)
    assert asl.load(SIGN.name).info.is_real
    path = folder / "sign_mnist_test.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    with pytest.raises(DatasetError, match=r"has changed since it was downloaded\. Delete "):
        asl.load(SIGN.name)


class Kaggle(BaseHTTPRequestHandler):
    """As much of Kaggle as kagglehub needs: a version number, then the archive."""

    archive, is_cut = b"", False

    def do_HEAD(self):
        self._answer("text/plain", b"", 0)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/DownloadDataset"):
            sent = self.archive[: len(self.archive) // 2] if self.is_cut else self.archive
            self._answer("application/zip", sent, len(self.archive))
        else:
            found = {"id": 1, "ref": SIGN.kaggle, "currentVersionNumber": 1}
            body = json.dumps(found).encode()
            self._answer("application/json", body, len(body))

    def _answer(self, kind, body, length):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def kaggle_here(monkeypatch, tmp_path):
    """A local Kaggle at the address that its client takes in its own tests."""
    write_sign_mnist_csvs(tmp_path / "published")
    zip_folder(tmp_path / "published", tmp_path / "archive.zip")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", 7777), Kaggle)
    except OSError:
        pytest.skip("port 7777 is taken")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(Kaggle, "archive", (tmp_path / "archive.zip").read_bytes())
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    monkeypatch.setattr(kaggle, "_ADDRESS", "http://127.0.0.1:7777/")
    monkeypatch.setattr(kaggle, "_POLL_SECONDS", 0.1)
    monkeypatch.setitem(CATALOG, SIGN.name, _with_count(SIGN, 720))
    monkeypatch.setenv("ASL_PROFILE", "full")
    yield
    server.shutdown()
    server.server_close()


def test_kagglehub_itself_fetches_without_an_account(kaggle_here, capsys):
    data = asl.load(SIGN.name, split="official")
    assert data.info.source == "Sign Language MNIST, from Kaggle (both parts)"
    assert data.info.sizes["test"] == 240


def test_an_archive_cut_on_its_way_is_not_used_and_the_next_try_works(kaggle_here, monkeypatch):
    monkeypatch.setattr(Kaggle, "is_cut", True)
    assert not asl.load(SIGN.name).info.is_real
    monkeypatch.setattr(Kaggle, "is_cut", False)
    assert asl.load(SIGN.name).info.is_real


def _with_count(one, count):
    from dataclasses import replace

    return replace(one, count=count)
