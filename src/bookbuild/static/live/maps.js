// Attention maps in the reader's browser, as tables of weights: a row for each query.

/** Return the mean of several maps of the same size. */
export function mean(maps) {
  return maps[0].map((row, i) => row.map((_, j) => maps.reduce((sum, map) => sum + map[i][j], 0) / maps.length));
}

/** Return the strongest key of each query, the first of equals, and its weight. */
export function strongest(map) {
  return map.map((row) => {
    const weight = Math.max(...row);
    return [row.indexOf(weight), weight];
  });
}
