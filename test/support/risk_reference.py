"""Risk figures computed another way: Python's standard library alone, none of our code.

Reads one JSON object from standard input, writes one to standard output. Files are CSV, gzipped, with
a date in the first column and a price in each other one, empty before an asset was listed.
"""

import csv
import gzip
import json
import math
import random
import statistics
import sys


def read_prices(path):
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.reader(file))
    names = rows[0][1:]
    table = {name: {} for name in names}
    for row in rows[1:]:
        for name, cell in zip(names, row[1:]):
            if cell != "":
                table[name][row[0][:10]] = float(cell)
    return table


def shared_dates(columns, last, count):
    dates = set(columns[0])
    for column in columns[1:]:
        dates &= set(column)
    return sorted(date for date in dates if date <= last)[-count:]


def changes(column, dates):
    return [column[b] / column[a] - 1.0 for a, b in zip(dates, dates[1:])]


def quantile(ordered, p):
    place = p * (len(ordered) - 1)
    low = int(math.floor(place))
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (place - low)) + ordered[high] * (place - low)


def historical(profits, confidence, horizon):
    losses = sorted(-profit for profit in profits)
    var = quantile(losses, confidence)
    beyond = [loss for loss in losses if loss >= var]
    root = math.sqrt(horizon)
    return var * root, math.fsum(beyond) / len(beyond) * root


def parametric(profits, confidence, horizon):
    mean = statistics.fmean(profits) * horizon
    variance = math.fsum((p - mean / horizon) ** 2 for p in profits) / (len(profits) - 1)
    spread = math.sqrt(variance * horizon)
    z = statistics.NormalDist().inv_cdf(confidence)
    return spread * z - mean, spread * statistics.NormalDist().pdf(z) / (1 - confidence) - mean


def overlapping(columns, values, dates, confidence, horizon):
    profits = [
        math.fsum(v * (c[b] / c[a] - 1.0) for v, c in zip(values, columns))
        for a, b in zip(dates, dates[horizon:])
    ]
    return historical(profits, confidence, 1)


def drawdown(returns):
    levels = [1.0]
    for r in returns:
        levels.append(levels[-1] * (1 + r))
    height, worst = levels[0], 0.0
    for level in levels:
        height = max(height, level)
        worst = min(worst, (level - height) / height)
    return worst


def cholesky(matrix):
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    return lower


def monte_carlo(columns, values, dates, confidence, horizon, paths, seed):
    """By another generator and another order of drawing; errors by thirty batches of their own."""
    logs = [[math.log(c[b] / c[a]) for a, b in zip(dates, dates[1:])] for c in columns]
    means = [statistics.fmean(row) for row in logs]
    matrix = [[statistics.covariance(a, b) for b in logs] for a in logs]
    lower = cholesky(matrix)
    dice = random.Random(seed)
    root = math.sqrt(horizon)
    batches = []
    for _ in range(30):
        losses = []
        for _ in range(paths // 30):
            z = [dice.gauss(0.0, 1.0) for _ in columns]
            loss = 0.0
            for i, value in enumerate(values):
                x = means[i] * horizon + root * sum(lower[i][k] * z[k] for k in range(i + 1))
                loss -= value * (math.exp(x) - 1.0)
            losses.append(loss)
        batches.append(losses)
    together = [-loss for losses in batches for loss in losses]
    figures = dict(zip(("var", "es"), historical(together, confidence, 1)))
    apart = [historical([-loss for loss in losses], confidence, 1) for losses in batches]
    for place, name in enumerate(("var", "es")):
        sample = [batch[place] for batch in apart]
        figures[name + "_error"] = statistics.stdev(sample) / math.sqrt(len(sample))
    return figures


def figures(case, prices, benchmark):
    columns = [prices[name] for name in case["tickers"]]
    values, total = case["values"], case["total"]
    dates = shared_dates(columns, case["last"], case["window"] + 1)
    rows = [changes(column, dates) for column in columns]
    profits = [math.fsum(v * r for v, r in zip(values, day)) for day in zip(*rows)]
    returns = [profit / total for profit in profits]
    free = case["risk_free_rate"] / case["periods"]
    year = math.sqrt(case["periods"])
    excess = statistics.fmean(returns) - free
    downside = math.sqrt(statistics.fmean([min(0.0, r - free) ** 2 for r in returns]))
    both = shared_dates(columns + [benchmark], case["last"], case["window"] + 1)
    own = [
        math.fsum(v * r for v, r in zip(values, day)) / total
        for day in zip(*[changes(column, both) for column in columns])
    ]
    other = changes(benchmark, both)
    answer = {
        "observations": len(returns),
        "first": dates[0],
        "last": dates[-1],
        "volatility": statistics.stdev(returns) * year,
        "sharpe": excess / statistics.stdev(returns) * year,
        "sortino": excess / downside * year,
        "drawdown": drawdown(returns),
        "beta": statistics.covariance(own, other) / statistics.variance(other),
        "correlations": [[statistics.correlation(a, b) for b in rows] for a in rows],
        "claims": [],
    }
    for claim in case["claims"]:
        confidence, horizon = claim["confidence"], claim["horizon"]
        if claim["method"] == "historical":
            var, es = historical(profits, confidence, horizon)
        elif claim["method"] == "overlapping":
            var, es = overlapping(columns, values, dates, confidence, horizon)
        elif claim["method"] == "parametric":
            var, es = parametric(profits, confidence, horizon)
        else:
            paths, seed = claim["paths"], claim["seed"]
            answer["claims"].append(
                monte_carlo(columns, values, dates, confidence, horizon, paths, seed)
            )
            continue
        answer["claims"].append({"var": var, "es": es})
    return answer


def coverage(case, prices):
    """How often a day's loss was beyond what the days before it claimed, and Kupiec's test."""
    columns = [prices[name] for name in case["tickers"]]
    dates = shared_dates(columns, case["last"], 10**9)
    rows = [changes(column, dates) for column in columns]
    profits = [math.fsum(v * r for v, r in zip(case["values"], day)) for day in zip(*rows)]
    window, confidence = case["window"], case["confidence"]
    estimate = historical if case["method"] == "historical" else parametric
    days = exceedances = 0
    for day in range(window, len(profits)):
        var, _ = estimate(profits[day - window : day], confidence, 1)
        days += 1
        exceedances += -profits[day] > var
    p, seen = 1 - confidence, exceedances / days
    ratio = -2 * (
        (days - exceedances) * (math.log1p(-p) - math.log1p(-seen))
        + (exceedances * (math.log(p) - math.log(seen)) if exceedances else 0.0)
    )
    return {
        "days": days,
        "exceedances": exceedances,
        "ratio": ratio,
        "p_value": math.erfc(math.sqrt(max(0.0, ratio) / 2)),
        "first": dates[0],
        "last": dates[-1],
    }


def main():
    task = json.load(sys.stdin)
    prices = read_prices(task["equities"])
    spy = read_prices(task["spy"])
    prices.update(spy)
    json.dump(
        {
            "figures": [figures(case, prices, spy["SPY"]) for case in task.get("figures", [])],
            "coverage": [coverage(case, prices) for case in task.get("coverage", [])],
        },
        sys.stdout,
    )


main()
