// What stands above what in the results of a search: the lessons, then what refers to them. Within a kind Sphinx's own
// scores decide, which stay below a thousand.
var Scorer = {
  score: ([page, , , , score]) => {
    const kinds = [/^book\/(?!reference\/)/, /^book\/reference\/(?!api\/)/, /^exercises\//, /^book\/reference\/api\//, /^solutions\//];
    const place = kinds.findIndex((kind) => kind.test(page));
    return score - 1000 * (place < 0 ? kinds.length : place);
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
