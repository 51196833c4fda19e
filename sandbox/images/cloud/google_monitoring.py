"""Google Cloud Monitoring: of its API, version 3, the writing of points, and a look at custom metrics."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from google_access import Refused
from google_project import LOOK, STATUS, WRITE, allow
from google_request import GoogleRequest, unknown
from google_series import BadSeries, Series, Unknown, parsed
from google_server import serve
from request_body import blocks

SERIES = Series(Path(os.environ.get("STORE", "/srv/stores/monitoring")))
_WRITE = re.compile(r"/v3/projects/(?P<project>[^/]+)/timeSeries")
_LOOK = re.compile(r"/v3/projects/(?P<project>[^/]+)/metricDescriptors/(?P<type>.+)")
_MOST_SERIES = 200


class Handler(GoogleRequest):
    """The requests that are known."""

    service = "Monitoring"

    def route(self, path: str, query: dict[str, str]) -> None:
        if left := query.keys() - {"alt", "prettyPrint"}:
            raise unknown(f"the parameter {', '.join(sorted(left))}", self.service)
        authorization = self.headers.get("Authorization")
        if self.command == "POST" and (found := _WRITE.fullmatch(path)):
            project = unquote(found["project"])
            body = b"".join(blocks(self.headers, self.rfile))
            now = allow(authorization, project, WRITE)
            self._write(body, project, now["machines"])
        elif self.command == "GET" and (found := _LOOK.fullmatch(path)):
            allow(authorization, unquote(found["project"]), LOOK)
            self._look(unquote(found["project"]), unquote(found["type"]))
        else:
            raise unknown(f"{self.command} {path}", self.service)

    def error(self, refused: Refused) -> dict[str, object]:
        status = STATUS.get(refused.status, "UNKNOWN")
        return {"error": {"code": refused.status, "message": refused.message, "status": status}}

    def _write(self, body: bytes, project: str, machines: Mapping[str, str]) -> None:
        asked = json.loads(body)
        if not isinstance(asked, dict) or asked.keys() != {"timeSeries"}:
            raise Refused(400, "invalid", "The body has the field timeSeries, and no other.")
        found = asked["timeSeries"]
        if not isinstance(found, list) or not 0 < len(found) <= _MOST_SERIES:
            raise Refused(400, "invalid", f"timeSeries must have 1 to {_MOST_SERIES} elements.")
        wrong, seen = [], set()
        # As in the real one, what is right is written though something else is not.
        for index, series in enumerate(found):
            try:
                point = parsed(series, project, machines)
                if point.series in seen:
                    raise BadSeries("A series may be in a request once.")
                seen.add(point.series)
                SERIES.write(point)
            except BadSeries as problem:
                wrong.append(f"{problem}: timeSeries[{index}]")
            except Unknown as problem:
                raise unknown(str(problem), self.service) from None
        if wrong:
            said = f"One or more TimeSeries could not be written: {'; '.join(wrong)}"
            raise Refused(400, "invalid", said)
        self.answer_json({})

    def _look(self, project: str, kind: str) -> None:
        metric = SERIES.metric(kind)
        if metric is None:
            raise Refused(404, "notFound", f"Could not find descriptor for metric '{kind}'.")
        labels = metric["labels"]
        keys = [{"key": name} for name in labels] if isinstance(labels, list) else []
        name = f"projects/{project}/metricDescriptors/{kind}"
        self.answer_json({**metric, "name": name, "type": kind, "labels": keys})


if __name__ == "__main__":
    serve(Handler)
