"""A vendor that does nothing but count: `python -m benchmarks.vendor_sinks FOLDER VENDOR`, beside `benchmarks.sinks`.

Aliyun-shaped: SendBatchSms and SendSms, counted by (OutId, number). JPush-shaped: /v3/push, counted by (cid, device).
Signatures are not looked at: the sandbox does that, in the tests. What else is asked goes to `benchmarks.sinks`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.sinks import Counted, serve


class AliyunCounted(Counted):
    """Counts the numbers of each call."""

    def answer(self, path: str, body: bytes) -> bytes:
        """Taken whole, under one BizId."""
        if not path.startswith("/?"):
            return super().answer(path, body)
        query = parse_qs(urlsplit(path).query)
        form = parse_qs(body.decode())
        many = form.get("PhoneNumberJson")
        numbers = json.loads(many[0]) if many else query["PhoneNumbers"][0].split(",")
        batch = query["OutId"][0]
        self.took("aliyun", path, body, [f"{batch}:{number}".encode() for number in numbers])
        return json.dumps({"Code": "OK", "Message": "OK", "BizId": batch, "RequestId": batch}).encode()


class JPushCounted(Counted):
    """Counts the devices of each call."""

    def answer(self, path: str, body: bytes) -> bytes:
        """Taken whole, under one msg_id."""
        if path != "/v3/push":
            return super().answer(path, body)
        told = json.loads(body)
        cid = str(told["cid"])
        self.took("jpush", path, body, [f"{cid}:{one}".encode() for one in told["audience"]["registration_id"]])
        return json.dumps({"sendno": "0", "msg_id": str(self.total["jpush"])}).encode()


VENDORS: dict[str, type[Counted]] = {"aliyun": AliyunCounted, "jpush": JPushCounted}


def main() -> None:
    """Serves until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("vendor", choices=sorted(VENDORS))
    told = parser.parse_args()
    asyncio.run(serve(VENDORS[told.vendor](told.folder)))


if __name__ == "__main__":
    main()
