"""Messages a server compressed read like others; damaged ones say so and never end early in silence."""

import bz2
import gzip
import io
import lzma
import random
import sys
from collections.abc import Callable

import pytest
import zstandard

from snapshots.engines.compression import decompressed, is_compressed, read_beginning
from snapshots.errors import EngineUnavailable, SourceDamaged

TEXT = b"Subject: ciao\n\n" + b"".join(b"line %d of many\n" % number for number in range(8_000))
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
every_method = pytest.mark.parametrize("compress", COMPRESSORS.values(), ids=COMPRESSORS)


def stream_of(data):
    return decompressed(io.BufferedReader(io.BytesIO(data)))


def read_by(stream, size):
    return b"".join(iter(lambda: stream.read(size), b""))


@every_method
@pytest.mark.parametrize("text", [TEXT, b"x", b""], ids=["long", "short", "empty"])
def test_message_is_recognised_by_its_first_bytes_and_decompressed(compress, text):
    stored = compress(text)

    assert is_compressed(stored[:15])
    assert stream_of(stored).read() == text


@every_method
@pytest.mark.parametrize("size", [1000, 8192, 1 << 20])
def test_message_is_the_same_read_piece_by_piece(compress, size):
    assert read_by(stream_of(compress(TEXT)), size) == TEXT


@every_method
def test_several_streams_one_behind_the_other_are_one_message(compress):
    assert read_by(stream_of(compress(TEXT) + compress(b"end")), 1 << 16) == TEXT + b"end"


@every_method
@pytest.mark.parametrize("kept", [0.99, 0.5])
def test_truncated_message_is_damaged(compress, kept):
    stored = compress(TEXT)

    with pytest.raises(SourceDamaged):
        stream_of(stored[: int(len(stored) * kept)]).read()


@every_method
def test_message_with_changed_bytes_is_damaged(compress):
    stored = bytearray(compress(TEXT))
    stored[len(stored) // 2] ^= 0xFF
    stored[-6] ^= 0xFF

    with pytest.raises(SourceDamaged):
        read_by(stream_of(bytes(stored)), 1 << 16)


@every_method
def test_end_stays_the_end(compress):
    stream = stream_of(compress(TEXT))
    stream.read()

    assert (stream.read(10), stream.read()) == (b"", b"")


@every_method
def test_compressed_message_can_be_read_again(compress):
    stream = stream_of(compress(TEXT))
    stream.read()

    places = [stream.seek(0), stream.seek(9)]

    assert (places, stream.read(4), stream.tell()) == ([0, 9], b"ciao", 13)


def test_size_of_a_compressed_message_is_known_only_at_its_end():
    with pytest.raises(io.UnsupportedOperation):
        stream_of(gzip.compress(TEXT)).seek(0, io.SEEK_END)


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b"Subject: ciao\n\n",
            b"BZh: a header of somebody's\n",
            b"BZh91 is no magic",
            b"Dovecot-LZ4: a header\n",
        ),
        *(b"\x1f", b"\xfd7zXZ", b"\x28\xb5", b"BZh9"),
    ],
)
def test_plain_message_is_given_back_as_it_is(data):
    assert not is_compressed(data[:15])
    assert stream_of(data).read() == data


def test_compression_that_only_another_engine_reads_is_named():
    with pytest.raises(EngineUnavailable, match="LZ4"):
        stream_of(b"Dovecot-LZ4\x0d\x2a\x9b\xc5rest")


def test_zstd_without_its_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)

    with pytest.raises(EngineUnavailable, match="extra"):
        stream_of(COMPRESSORS["zstd"](TEXT))


@every_method
def test_beginning_is_found_before_a_block_of_any_size(compress):
    noise = random.Random(1).randbytes(600_000)

    assert read_beginning(stream_of(compress(noise)), 100) == noise[:100]


def test_beginning_of_a_damaged_message_is_what_can_be_read():
    stored = gzip.compress(TEXT)

    found = read_beginning(stream_of(stored[: len(stored) // 2]), len(TEXT))

    assert TEXT.startswith(found)
    assert len(found) > 1000


def test_beginning_of_a_message_with_nothing_to_read_is_damaged():
    with pytest.raises(SourceDamaged):
        read_beginning(stream_of(b"\x1f\x8b nothing"), 100)


def test_closing_closes_the_file_below():
    file = io.BufferedReader(io.BytesIO(gzip.compress(TEXT)))

    decompressed(file).close()

    assert file.closed


def test_small_bomb_is_not_unpacked_at_once():
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 26))
    stream = stream_of(bomb)

    beginning = stream.read(1000)

    assert beginning == bytes(1000)
    assert len(stream.raw._stream.raw._ready) < 1 << 24
