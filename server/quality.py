"""The figures of the last evaluation, as `planqa eval` wrote them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_LOG = logging.getLogger(__name__)
FIGURES: Mapping[str, str] = {
    "CorrectCited": "该回答的题：答对，并且出处支持",
    "Strict": "该回答的题：要点全部答对",
    "NumExact": "要数字的题：数字答对",
    "NumFaithful": "显示的数字都在引用的原文里",
    "QuoteExact": "引文与报告逐字相同",
    "CiteCoverage": "句子都有出处",
    "PremiseCorrected": "提问里的错误前提被纠正",
    "RefusalRecall": "报告里没有的，没有回答",
    "FalseRefusal": "报告里有的，却没有回答（越低越好）",
    "EvRecall@5": "需要的原文在前五条检索结果里",
}
"""What is shown, in this order, and in whose words."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation: when, of which questions and commit, in which mode, and its figures (shares of 1) by name."""

    date: datetime
    commit: str
    gold: str
    questions: int
    mode: str
    figures: Mapping[str, float]


def last_evaluation(paths: Iterable[Path], reports: Mapping[str, str]) -> Evaluation | None:
    """The newest evaluation over (only) the reports that are served, given as hashes of their text by id.

    :param paths: files that `planqa eval` wrote: its baseline, or the results of one run.
    """
    read = [evaluation for path in paths if (evaluation := _read(path, reports))]
    return max(read, key=lambda evaluation: evaluation.date, default=None)


def _read(path: Path, reports: Mapping[str, str]) -> Evaluation | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        about = data["about"]
        of_served = bool(about["reports"]) and all(
            reports.get(name, "").startswith(digest) for name, digest in about["reports"].items()
        )
        if not of_served:
            return None
        figures = data["figures"] if "figures" in data else _of_rows(data["scorecard"])
        shown = {name: float(figures[name]) for name in FIGURES if figures.get(name) is not None}
        return Evaluation(
            datetime.fromisoformat(about["date"]), about["commit"], about["gold"], about["n"], about["mode"], shown
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _LOG.warning("%s is no evaluation: %r", path, error)
        return None


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {row["name"]: row["value"] for row in rows}
