// Attention maps in the reader's browser, as tables of weights: a row for each query.

/** Return the maps of every head from those that a page gets, in hundredths. */
export function fractions(weights) {
  return weights.map((heads) => heads.map((map) => map.map((row) => row.map((weight) => weight / 100))));
}

/** Return the mean of several maps of the same size. */
export function mean(maps) {
  return maps[0].map((row, i) => row.map((_, j) => maps.reduce((sum, map) => sum + map[i][j], 0) / maps.length));
}

/** Say for how many of the marked queries the brightest cell is a marked one, and for which not (lessons.plots.maps). */
export function truthTold(map, marked, queries, keys) {
  const right = new Map();
  for (const [query, key] of marked) right.set(query, [...(right.get(query) ?? []), key]);
  const peaks = strongest(map);
  const order = [...right.keys()].sort((a, b) => a - b);
  const missed = order.filter((query) => !right.get(query).includes(peaks[query][0]));
  const told = missed.map((query) => `${queries[query]} (true: ${right.get(query).map((key) => keys[key]).join(", ")})`);
  const elsewhere = told.length ? ` Elsewhere: ${told.join(", ")}.` : "";
  return `Brightest at the true word: ${order.length - missed.length} of ${order.length}.${elsewhere}`;
}

/** Return the strongest key of each query, the first of equals, and its weight. */
export function strongest(map) {
  return map.map((row) => {
    const weight = Math.max(...row);
    return [row.indexOf(weight), weight];
  });
}

/** Say where a query looks most, the heaviest first. */
export function lookOf(weights, query, keys) {
  const ranked = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 3);
  return `“${query}” looks most at ${ranked.map((key) => `${keys[key]} ${weights[key].toFixed(2)}`).join(", ")}.`;
}

/** Say which head looks most at one place, and which at all places alike (lessons.plots.checked_weights). */
export function sharpestAndEvenest(maps) {
  const peaks = maps.flatMap((heads, layer) => heads.map((map, head) => {
    const peak = strongest(map).reduce((sum, [, weight]) => sum + weight, 0) / map.length;
    return { peak, where: `layer ${layer}, head ${head}`, told: peak.toFixed(2) };
  }));
  const [sharpest, evenest] = [1, -1].map((sign) => peaks.reduce((best, one) => (sign * (one.peak - best.peak) > 0 ? one : best)));
  return `Sharpest is ${sharpest.where} (mean of each query's largest weight ${sharpest.told}); `
    + `most even is ${evenest.where} (${evenest.told}).`;
}
