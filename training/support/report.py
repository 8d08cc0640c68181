"""What the head is worth: accuracies, calibration and thresholds on a split, beside the lexical rule and the majority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import torch
from torch import Tensor

from claims import stems  # noqa: F401  (puts training/data on the path)
from check import fault_of
from head import CLASSES

THRESHOLDS = (0.33, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)


def balanced(predicted: Tensor, labels: Tensor) -> float:
    """The mean of the classes' recalls."""
    recalls = [(predicted[labels == label] == label).float().mean().item() for label in labels.unique().tolist()]
    return round(sum(recalls) / len(recalls), 4)


def calibration_error(shares: Tensor, labels: Tensor, bins: int = 15) -> float:
    sure, predicted = shares.max(-1)
    place = (sure * bins).long().clamp(max=bins - 1)
    error = 0.0
    for index in range(bins):
        inside = place == index
        if inside.any():
            error += inside.float().mean().item() * abs(sure[inside].mean().item() - (predicted[inside] == labels[inside]).float().mean().item())
    return round(error, 4)


def passing(passes: Tensor, labels: Tensor) -> dict[str, float]:
    """Of a decision to let sentences pass: its precision and the share of each class that passes."""
    share = lambda label: round(passes[labels == label].float().mean().item(), 4)  # noqa: E731
    precision = (labels[passes] == 0).float().mean().item() if passes.any() else 0.0
    shares = {f"{name}_pass": share(index) for index, name in enumerate(CLASSES) if (labels == index).any()}
    return {"precision": round(precision, 4), **shares}


def report_of(pairs: list[dict], labels: Tensor, shares: Tensor) -> dict:
    predicted = shares.argmax(-1)
    rule = torch.tensor([fault_of(pair["sentence"], pair["evidence"]) is None for pair in pairs])
    is_untrue = (labels != 0).long()
    confusion = [[int(((labels == row) & (predicted == column)).sum()) for column in range(len(CLASSES))] for row in range(len(CLASSES))]
    groups: dict[str, dict[str, dict]] = {}
    keys: dict[str, Callable[[dict], str]] = {"source": lambda pair: pair["source"], "kind": lambda pair: f"{pair['label']}/{pair['kind']}"}
    for name, key in keys.items():
        members: dict[str, list[int]] = defaultdict(list)
        for index, pair in enumerate(pairs):
            members[key(pair)].append(index)
        groups[name] = {}
        for group, chosen in sorted(members.items()):
            truth = is_untrue[chosen]
            groups[name][group] = {
                "pairs": len(chosen), "balanced_accuracy": balanced(predicted[chosen], labels[chosen]),
                "supported_or_not": balanced((predicted[chosen] != 0).long(), truth), "lexical_rule": balanced((~rule[chosen]).long(), truth),
            }
    return {
        "pairs": len(pairs), "balanced_accuracy": balanced(predicted, labels), "majority": round(1 / len(CLASSES), 4), "ece": calibration_error(shares, labels),
        "confusion": {"rows": list(CLASSES), "columns": "as the rows, predicted", "counts": confusion},
        "supported_or_not": balanced((predicted != 0).long(), is_untrue), "supported_or_not_lexical": balanced((~rule).long(), is_untrue), "supported_or_not_majority": 0.5,
        "lexical_rule": passing(rule, labels), "thresholds": {str(least): passing(shares[:, 0] >= least, labels) for least in THRESHOLDS},
        "rule_and_thresholds": {str(least): passing(rule & (shares[:, 0] >= least), labels) for least in THRESHOLDS}, **groups,
    }


def printed(report: dict) -> str:
    lines = [f"{name}: {report[name]}" for name in ("pairs", "balanced_accuracy", "ece", "supported_or_not", "supported_or_not_lexical", "lexical_rule")]
    lines += [f"  {name:>12} {row}" for name, row in zip(CLASSES, report["confusion"]["counts"])]
    for name in ("source", "kind"):
        lines += [f"  {group:<28} {' '.join(f'{key} {value}' for key, value in row.items())}" for group, row in report[name].items()]
    for name in ("thresholds", "rule_and_thresholds"):
        lines += [f"  {name} {least}: {row}" for least, row in report[name].items()]
    return "\n".join(lines)
