"""Values to bytes and back without loss: contract dataclasses, plain containers, rows of any store.

MessagePack through msgspec, one version byte in front. Inside a dataclass the type of the field decides
what comes back; everywhere else (``Any`` fields, plain dicts and lists, values of rows) a value keeps
its own type: Decimal, dates, times, UUID, bytes, big integers, tuples, sets and network addresses
travel as MessagePack extensions (``Extension``), which also mark them for ``loads``.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import ipaddress
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from dsr.contract import Row

T = TypeVar("T")
Pack = Callable[[Any], bytes]
Unpack = Callable[[bytes], Any]
Tag = Callable[[Any], Any]

VERSION = b"\x01"
INT64 = range(-(2**63), 2**64)


class Unkept(TypeError):
    """A value of a type that cannot be kept without loss; the message names the type, never the value."""


def dumps(obj: Any) -> bytes:
    """``obj`` (dataclasses, dicts and lists of them and of plain values) as bytes; Unkept otherwise."""
    return _encode(obj, _walk)


def loads(data: bytes, kind: type[T]) -> T:
    """The value that ``dumps`` was given, checked against ``kind`` (``list[Record]``, ``dict``...).

    Raises ValueError when the bytes are of another version or not such a value.
    """
    decoded: T = _decode(data, kind)
    return decoded


def pack_rows(rows: Iterable[Row]) -> bytes:
    """Rows as bytes, order kept. Neighbours of one shape share their column names; Unkept as in ``dumps``."""
    return _encode([list(run) for _, run in groupby(rows, key=_shape)], _runs)


def unpack_rows(data: bytes) -> list[Row]:
    """The rows that ``pack_rows`` was given; ValueError as in ``loads``."""
    rows = []
    for collection, columns, withheld, members in _decode(data, _Runs):
        for key, values in members:
            rows.append(Row(collection, key, dict(zip(columns, values, strict=True)), withheld))
    return rows


_Runs = list[tuple[str, list[str], tuple[str, ...], list[tuple[tuple[Any, ...], list[Any]]]]]


def _shape(row: Row) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return row.collection, tuple(row.values), row.withheld


def _runs(runs: list[list[Row]], tag: Tag) -> list[Any]:
    return [[*_shape(run[0]), [_member(row, tag) for row in run]] for run in runs]


def _member(row: Row, tag: Tag) -> list[Any]:
    return [[tag(part) for part in row.key], [tag(value) for value in row.values.values()]]


# --- bytes ---------------------------------------------------------------------------------------

_encoder = msgspec.msgpack.Encoder()


def _encode(obj: Any, prepare: Callable[[Any, Tag], Any]) -> bytes:
    """Encode; text with lone surrogates (JSON of vendors may hold it) is rare and takes a second way."""
    try:
        return VERSION + _encoder.encode(prepare(obj, _tag))
    except UnicodeEncodeError:
        careful = prepare(obj, _tag_safely)
    try:
        return VERSION + _encoder.encode(careful)
    except UnicodeEncodeError:
        raise Unkept("a text that is not valid Unicode stands where only plain text can be kept") from None


def _decode(data: bytes, kind: Any) -> Any:
    if data[:1] != VERSION:
        raise ValueError("these bytes were written by another version of the codec")
    try:
        return _decoder(kind).decode(memoryview(data)[1:])
    except msgspec.MsgspecError as error:
        raise ValueError(f"these bytes are not what was expected: {error}") from None


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, ext_hook=_untag, strict=True)


# --- values that keep their own type --------------------------------------------------------------

_SCALARS = frozenset({str, float, bool, bytes, type(None)})


def _ascii(value: Any) -> bytes:
    return str(value).encode()


def _iso(value: Any) -> bytes:
    fold = b"1" if getattr(value, "fold", 0) else b"0"
    return fold + bytes(value.isoformat(), "ascii")


def _moment(kind: Any) -> Unpack:
    return lambda data: kind.fromisoformat(data[1:].decode()).replace(fold=int(data[:1]))


def _items(value: Any) -> bytes:
    return _encoder.encode([_tag_safely(item) for item in value])


def _pairs(value: Any) -> bytes:
    return _encoder.encode([[_tag_safely(key), _tag_safely(item)] for key, item in value.items()])


def _plain(data: bytes) -> Any:
    return _decoder(Any).decode(data)


def _network(value: Any) -> bytes:
    return f"{type(value).__name__} {value}".encode()


_NETWORKS = {
    kind.__name__: kind
    for kind in (
        ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network,
        ipaddress.IPv6Network, ipaddress.IPv4Interface, ipaddress.IPv6Interface,
    )
}  # fmt: skip


def _read_network(data: bytes) -> Any:
    name, _, text = data.decode().partition(" ")
    return _NETWORKS[name](text)


def _span(value: timedelta) -> bytes:
    return f"{value.days} {value.seconds} {value.microseconds}".encode()


def _read_span(data: bytes) -> timedelta:
    return timedelta(*map(int, data.split()))


Extension: dict[int, tuple[tuple[type, ...], Pack, Unpack]] = {
    1: ((Decimal,), _ascii, lambda data: Decimal(data.decode())),
    2: ((date,), _ascii, lambda data: date.fromisoformat(data.decode())),
    3: ((datetime,), _iso, _moment(datetime)),
    4: ((time,), _iso, _moment(time)),
    5: ((timedelta,), _span, _read_span),
    6: ((UUID,), lambda value: value.bytes, lambda data: UUID(bytes=bytes(data))),
    7: ((int,), _ascii, lambda data: int(data.decode())),
    8: ((tuple,), _items, lambda data: tuple(_plain(data))),
    9: ((set,), _items, lambda data: set(_plain(data))),
    10: ((frozenset,), _items, lambda data: frozenset(_plain(data))),
    11: ((dict,), _pairs, lambda data: dict(_plain(data))),
    12: (tuple(_NETWORKS.values()), _network, _read_network),
    13: (
        (str,),
        lambda value: value.encode("utf-8", "surrogatepass"),
        lambda data: data.decode("utf-8", "surrogatepass"),
    ),
}
"""Number on disk -> (types, to bytes, from bytes). A number is never given to another type."""

_PARENTS: tuple[type[Any], ...] = (int, str, float, bytes, list, dict, tuple)
_CODES = {kind: code for code, (kinds, _, _) in Extension.items() for kind in kinds}


def _tag(value: Any) -> Any:
    """``value`` as something MessagePack keeps: itself, or an extension."""
    kind = type(value)
    if kind in _SCALARS or (kind is int and value in INT64):
        return value
    if kind is list:
        return [_tag(item) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _tag(item) for key, item in value.items()}
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if kind in _CODES:
        return _extension(_CODES[kind], value)
    return _subclass(value)


def _subclass(value: Any) -> Any:
    """Words of a table and subclasses (a driver's own dict) keep the value of their plain parent."""
    if isinstance(value, Enum):
        return _tag(value.value)
    for parent in _PARENTS:
        if isinstance(value, parent):
            return _tag(parent(value))
    for parent in (datetime, date, Decimal, UUID):
        if isinstance(value, parent):
            return _extension(_CODES[parent], value)
    raise Unkept(f"a value of type {type(value).__name__} cannot be kept without loss")


def _extension(code: int, value: Any) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(code, Extension[code][1](value))


def _tag_safely(value: Any) -> Any:
    """``_tag`` for text that UTF-8 refuses; also looks into containers."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() or _encodes(value) else _extension(13, value)
    if kind is list:
        return [_tag_safely(item) for item in value]
    if kind is dict:
        if all(type(key) is str and _encodes(key) for key in value):
            return {key: _tag_safely(item) for key, item in value.items()}
        return _extension(11, value)
    return _tag(value)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _untag(code: int, data: memoryview) -> Any:
    try:
        _, _, read = Extension[code]
    except KeyError:
        raise ValueError(f"extension {code} is not known to this version") from None
    return read(bytes(data))


# --- dataclasses ----------------------------------------------------------------------------------


def _walk(obj: Any, tag: Tag) -> Any:
    """Tag the values of plain containers and of the ``Any`` fields of dataclasses; the rest stays."""
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        changed = {name: how(getattr(obj, name), tag) for name, how in _loose(type(obj)).items()}
        return dataclasses.replace(obj, **changed) if changed else obj
    if isinstance(obj, list | tuple):
        return [_walk(item, tag) for item in obj]
    if isinstance(obj, dict) and all(type(key) is str for key in obj):
        return {key: _walk(item, tag) for key, item in obj.items()}
    return tag(obj)


def _one(value: Any, tag: Tag) -> Any:
    return tag(value)


def _each(value: Any, tag: Tag) -> Any:
    return [tag(item) for item in value]


def _values(value: Any, tag: Tag) -> Any:
    return {key: tag(item) for key, item in value.items()}


def _typed(value: Any, tag: Tag) -> Any:
    """A field that speaks of dataclasses: their loose fields are tagged, the shape stays."""
    if isinstance(value, tuple | list):
        return [_typed(item, tag) for item in value]
    return _walk(value, tag) if dataclasses.is_dataclass(value) else value


_SHAPES: dict[Any, Callable[[Any, Tag], Any]] = {
    Any: _one, list: _each, tuple: _each, dict: _values, Mapping: _values, collections.abc.Sequence: _each,
}  # fmt: skip


@lru_cache(maxsize=256)
def _loose(kind: type) -> dict[str, Callable[[Any, Tag], Any]]:
    """The fields of a dataclass that may hold values of any type, and how to tag each."""
    found: dict[str, Callable[[Any, Tag], Any]] = {}
    for name, annotation in typing.get_type_hints(kind).items():
        if annotation in _SHAPES or Any in typing.get_args(annotation):
            found[name] = _SHAPES.get(typing.get_origin(annotation) or annotation, _one)
        elif any(_loose(member) for member in _dataclasses_in(annotation)):
            found[name] = _typed
    return found


def _dataclasses_in(annotation: Any) -> Iterable[type]:
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _dataclasses_in(part)
