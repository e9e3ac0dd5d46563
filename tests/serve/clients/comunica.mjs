// Asks a query of Comunica and prints the answer as JSON.
// usage: node comunica.mjs '{"query": "...", "sources": [...]}'
import { QueryEngine } from '@comunica/query-sparql';

const { query, sources } = JSON.parse(process.argv[2]);
const result = await new QueryEngine().query(query, { sources });
const answer = await result.execute();

const term = ({ value, language, termType }) => [termType, value, language ?? ''];
if (result.resultType === 'bindings') {
  const rows = await answer.toArray();
  console.log(JSON.stringify(rows.map(row => Object.fromEntries([...row].map(([name, it]) => [name.value, term(it)])))));
} else if (result.resultType === 'quads') {
  const quads = await answer.toArray();
  console.log(JSON.stringify(quads.map(quad => [quad.subject, quad.predicate, quad.object].map(term))));
} else {
  console.log(JSON.stringify(answer));
}
