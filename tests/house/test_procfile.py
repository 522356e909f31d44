"""What the Procfile runs is what the service needs."""

import re

from pushsvc.cli.procfile import read_procfile
from pushsvc.cli.supervisor import service_lines
from pushsvc.tasks import QUEUES

NAMES = ["release", "web", "beat", "worker-urgent", "worker-normal", "worker-bulk", "worker-receipts"]


def test_it_has_the_processes_that_others_rely_on() -> None:
    assert list(read_procfile()) == NAMES


def test_the_counterpart_can_be_added() -> None:
    assert list(service_lines(sandbox=True)) == ["sandbox", *NAMES]


def test_every_queue_has_a_consumer() -> None:
    consumed = {queue for line in read_procfile().values() for queue in _queues(line)}
    assert set(QUEUES.values()) == consumed


def test_every_consumer_has_a_name_of_its_own() -> None:
    names = [match[1] for line in read_procfile().values() if (match := re.search(r" -n (\S+)", line))]
    assert len(names) == len(set(names)) == sum("-Q" in line for line in read_procfile().values())


def _queues(line: str) -> list[str]:
    match = re.search(r" -Q (\S+)", line)
    return match[1].split(",") if match else []
