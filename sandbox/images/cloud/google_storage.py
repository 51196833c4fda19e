"""Google Cloud Storage: of the JSON API what restic uses, and reading objects by the XML API's paths."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from google_access import Bucket, Refused, allow
from google_objects import About, Objects
from google_request import GoogleRequest, unknown
from google_server import serve
from request_body import blocks, split_upload

STORE = Path(os.environ.get("STORE", "/srv/stores/google"))
_API = re.compile(r"/storage/v1/b/(?P<bucket>[^/]+)(?P<objects>/o)?(/(?P<key>[^/]+))?")
_UPLOAD = re.compile(r"/upload/storage/v1/b/(?P<bucket>[^/]+)/o")
_XML = re.compile(r"/(?P<bucket>[^/]+)/(?P<key>.+)")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_ALWAYS = {"alt", "prettyPrint", "projection", "key", "quotaUser", "userProject"}
_UPLOADED = {"name", "bucket", "contentType", "md5Hash", "metadata"}
_LARGEST_PAGE = 1000


def not_found(bucket: str, key: str) -> Refused:
    """The answer where an object is not there."""
    return Refused(404, "notFound", f"No such object: {bucket}/{key}")


class Handler(GoogleRequest):
    """The requests that are known."""

    def route(self, path: str, query: dict[str, str]) -> None:
        if found := _UPLOAD.fullmatch(path):
            if self.command != "POST":
                raise unknown(f"{self.command} {path}")
            self._upload(unquote(found["bucket"]), query)
        elif path == "/storage/v1/b":
            raise self._no_buckets()
        elif (found := _API.fullmatch(path)) and (found["objects"] or not found["key"]):
            self._api(unquote(found["bucket"]), found, query)
        elif (found := _XML.fullmatch(path)) and found["bucket"] not in {"storage", "upload", "batch"}:
            if self.command not in {"GET", "HEAD"}:
                raise unknown(f"{self.command} {path}")
            self._parameters(query, set())
            self._media(unquote(found["bucket"]), unquote(found["key"]))
        else:
            raise unknown(f"{self.command} {path}")

    def _no_buckets(self) -> Refused:
        """Buckets are made by the program: no role here allows it on the project."""
        allowed = self.headers.get("Authorization") is not None
        said = "does not have storage.buckets access to the Google Cloud project."
        return Refused(403 if allowed else 401, "forbidden" if allowed else "required", said)

    def _api(self, bucket: str, found: re.Match[str], query: dict[str, str]) -> None:
        key = unquote(found["key"]) if found["key"] else None
        match self.command, key:
            case "GET", None if found["objects"]:
                self._list(bucket, query)
            case "GET", None:
                self._parameters(query, set())
                self.answer_json(_bucket(bucket, self._allow(bucket, "storage.buckets.get")))
            case "GET", str() if query.get("alt") == "media":
                self._parameters(query, set())
                self._media(bucket, key)
            case "GET", str():
                self._parameters(query, set())
                about = self._allow(bucket, "storage.objects.get")
                one = Objects(STORE / bucket).find(key)
                if one is None:
                    raise not_found(bucket, key)
                self.answer_json(one.resource(bucket, about["storageClass"]))
            case "DELETE", str():
                self._parameters(query, set())
                self._allow(bucket, "storage.objects.delete")
                if not Objects(STORE / bucket).delete(key):
                    raise not_found(bucket, key)
                self.begin(204, {"Content-Length": "0"})
            case _:
                raise unknown(f"{self.command} {urlsplit(self.path).path}")

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        self._parameters(query, {"prefix", "delimiter", "maxResults", "pageToken", "versions"})
        if query.get("versions", "false") != "false":
            raise unknown("versions of objects")
        about = self._allow(bucket, "storage.objects.list")
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        size = min(int(query.get("maxResults") or _LARGEST_PAGE), _LARGEST_PAGE)
        after = base64.urlsafe_b64decode(query.get("pageToken", "")).decode()
        items: list[object] = []
        prefixes: list[str] = []
        last, token = after, ""
        for one in Objects(STORE / bucket).all(prefix):
            cut = one.key.find(delimiter, len(prefix)) if delimiter else -1
            entry = one.key if cut < 0 else one.key[: cut + len(delimiter)]
            if entry <= after or entry in prefixes:
                continue
            if len(items) + len(prefixes) == size:
                token = base64.urlsafe_b64encode(last.encode()).decode()
                break
            last = entry
            if cut < 0:
                items.append(one.resource(bucket, about["storageClass"]))
            else:
                prefixes.append(entry)
        told = {"items": items, "prefixes": prefixes, "nextPageToken": token}
        self.answer_json(
            {"kind": "storage#objects", **{name: value for name, value in told.items() if value}}
        )

    def _media(self, bucket: str, key: str) -> None:
        self._allow(bucket, "storage.objects.get")
        found = Objects(STORE / bucket).open(key)
        if found is None:
            raise not_found(bucket, key)
        about, file = found
        with file:
            start, end, status = _asked(self.headers.get("Range"), about.size)
            headers = {
                "Content-Type": about.content_type,
                "Content-Length": str(end - start),
                "X-Goog-Hash": f"md5={about.md5}",
                "X-Goog-Generation": str(about.generation),
                "X-Goog-Metageneration": "1",
                "X-Goog-Stored-Content-Length": str(about.size),
                "X-Goog-Stored-Content-Encoding": "identity",
                "Accept-Ranges": "bytes",
            }
            if status == 206:
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{about.size}"
            self.begin(status, headers)
            if self.command == "GET":
                self._send(file, start, end)

    def _send(self, file: BinaryIO, start: int, end: int) -> None:
        file.seek(start)
        while start < end:
            block = file.read(min(end - start, 1 << 20))
            if not block:
                # The file was cut: as after damage at Google, the client gets fewer bytes than it was told.
                self.close_connection = True
                return
            self.wfile.write(block)
            start += len(block)

    def _upload(self, bucket: str, query: dict[str, str]) -> None:
        self._parameters(query, {"uploadType", "name"})
        if query.get("uploadType") not in {"multipart", "media"}:
            raise unknown(f"uploads of the type {query.get('uploadType')}")
        allowed = self._allow(bucket, "storage.objects.create")
        objects = Objects(STORE / bucket)
        with objects.receiving() as file:
            for block in blocks(self.headers, self.rfile):
                file.write(block)
            content_type = self.headers.get("Content-Type", "application/octet-stream")
            described: dict[str, object] = {}
            if query["uploadType"] == "multipart":
                described, content_type = split_upload(file, self.headers.get_boundary(""))
            else:
                file.seek(0)
            about = self._keep(objects, bucket, {**described, **_named(query)}, content_type, file)
        self.answer_json(about.resource(bucket, allowed["storageClass"]))

    def _keep(
        self, objects: Objects, bucket: str, described: dict[str, object], content_type: str, file: BinaryIO
    ) -> About:
        if left := described.keys() - _UPLOADED:
            raise unknown(f"the property {', '.join(sorted(left))} of an upload")
        key, metadata = described.get("name"), described.get("metadata") or {}
        if not isinstance(key, str) or not key or not isinstance(metadata, dict):
            raise Refused(400, "required", "Required object name")
        # Writing over an object takes the right to delete it, as in the real one.
        if objects.find(key):
            self._allow(bucket, "storage.objects.delete")
        if (md5 := described.get("md5Hash")) and md5 != objects.md5(file):
            raise Refused(400, "invalid", f'Provided MD5 hash "{md5}" doesn\'t match calculated MD5 hash.')
        return objects.keep(key, file, str(described.get("contentType") or content_type), metadata)

    def _allow(self, bucket: str, permission: str) -> Bucket:
        return allow(self.headers.get("Authorization"), bucket, permission)

    def _parameters(self, query: dict[str, str], known: set[str]) -> None:
        if left := query.keys() - known - _ALWAYS:
            raise unknown(f"the parameter {', '.join(sorted(left))}")


def _named(query: dict[str, str]) -> dict[str, object]:
    return {"name": query["name"]} if "name" in query else {}


def _bucket(name: str, about: Bucket) -> dict[str, object]:
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "location": about["location"],
        "storageClass": about["storageClass"],
        "timeCreated": about["created"],
        "updated": about["created"],
        "metageneration": "1",
    }


def _asked(text: str | None, size: int) -> tuple[int, int, int]:
    """First byte, the one after the last, and the status."""
    found = _RANGE.fullmatch(text or "")
    if found is None or not any(found.groups()):
        return 0, size, 200
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= size or start >= end:
        raise Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
    return start, end, 206


def main() -> None:
    """Serve until the process ends."""
    for bucket in STORE.glob("*"):
        for left in bucket.glob("*.part"):
            left.unlink()
    serve(Handler)


if __name__ == "__main__":
    main()
