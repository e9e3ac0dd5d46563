"""Queries that a server on the open internet will be sent, for sport or by mistake."""

TWO = "?a ?b ?c . ?d ?e ?f ."
THREE = f"{TWO} ?g ?h ?i ."
ANY = "(<urn:x>|!<urn:x>)"


def _count(pattern: str) -> str:
    return f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"


def _doubled(times: int) -> str:
    steps = (f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?x{times}) AS ?n) {{ BIND("0123456789" AS ?x0) {" ".join(steps)} }}'


def _replaced(length: int) -> str:
    steps = f'BIND(REPLACE("{"a" * length}", "a", "{"b" * length}") AS ?x) BIND(REPLACE(?x, "b", ?x) AS ?y)'
    return f"SELECT (STRLEN(?y) AS ?n) {{ {steps} }}"


def _crossed(count: int, size: int) -> str:
    values = " ".join(map(str, range(size)))
    return " ".join(f"VALUES ?v{n} {{ {values} }}" for n in range(count))


ENDLESS = {
    "cross product": _count(THREE),
    "cross product of values": f"SELECT (SUM(?v1 * ?v7) AS ?n) {{ {_crossed(8, 100)} }}",
    "cross product of subselects": _count(f"{{ SELECT ?a {{ {TWO} }} }} {{ SELECT ?f {{ {TWO} }} }}"),
    "far offset": f"SELECT * {{ {THREE} }} OFFSET 1000000000000 LIMIT 1",
    "runaway path": _count(f"?a {ANY}* ?b . ?b {ANY}* ?c . ?c {ANY}+ ?d"),
    "runaway path of paths": f"ASK {{ ?a ({ANY}+/^{ANY}*)+ ?b FILTER(?b = <urn:nowhere>) }}",
    "exploding CONSTRUCT": f"CONSTRUCT {{ ?a ?e ?i . ?g ?b [] . [] ?e [ ?b ?f ] }} WHERE {{ {THREE} }}",
    "exploding DESCRIBE": f"DESCRIBE * {{ {TWO} }}",
    "endless rows": f"SELECT * {{ {THREE} }}",
    "optional upon optional": _count("?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } }"),
    "minus": _count(f"{TWO} MINUS {{ ?a ?x ?f . ?d ?y ?c }}"),
    "not exists": _count(f"{TWO} FILTER NOT EXISTS {{ ?g ?h ?i FILTER(?i = ?c && ?g = ?d && ?h = ?x) }}"),
    "regex over pairs": _count(f'{TWO} FILTER REGEX(CONCAT(STR(?c), STR(?f)), "(.*a){{20}}x", "is")'),
    "built regexes": _count(f"{TWO} FILTER REGEX(STR(?c), CONCAT(STR(?f), '.*', STR(?a)))"),
    "hashes": f"SELECT (MAX(SHA512(CONCAT(STR(?c), STR(?f)))) AS ?n) {{ {TWO} }}",
    "huge sort": f"SELECT * {{ {TWO} }} ORDER BY ?c DESC(?f) LCASE(STR(?a))",
    "random sort": f"SELECT * {{ {TWO} }} ORDER BY RAND() LIMIT 10",
    "distinct rows": f"SELECT DISTINCT * {{ {TWO} }} OFFSET 100000000",
    "distinct texts": f"SELECT (COUNT(DISTINCT CONCAT(STR(?c), STR(?f))) AS ?n) {{ {TWO} }}",
    "groups without end": f"SELECT ?c ?f (COUNT(*) AS ?n) {{ {TWO} }} GROUP BY ?c ?f",
    "one long text": f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?n) {{ {TWO} }}",
    "doubled text": _doubled(40),
    "replaced text": _replaced(20_000),
}
"""Each would take years or more memory than there is; by name."""

BOMBS = {
    "repetition": "((((a{1,100}){1,100}){1,100}){1,100})",
    "nested stars": "((((a*)*)*)*)*b",
    "alternatives": "(a|a|a|a|a|a|a|a){500}b",
    "classes": r"(\\p{L}{500}){500}",
    "groups": "(" * 5_000 + ")" * 5_000,
}
"""Regular expressions: the engine's are linear in the text, but not small."""

TIMES = 20_000
DEEP = {
    "braces": "ASK " + "{" * TIMES + "}" * TIMES,
    "open braces": "ASK " + "{" * TIMES,
    "parentheses": "ASK { FILTER(" + "(" * TIMES + "1" + ")" * TIMES + ") }",
    "brackets": "ASK { " + "[ ?p " * TIMES + "1" + "]" * TIMES + " }",
    "lists": "ASK { ?s ?p " + "(" * TIMES + ")" * TIMES + " }",
    "minus": "ASK { ?s ?p ?o " + "MINUS { ?s ?p ?o " * TIMES + "}" * TIMES + " }",
    "optional": "ASK { " + "OPTIONAL { ?s ?p ?o " * TIMES + "}" * TIMES + " }",
    "subselects": "ASK { " + "{ SELECT * { " * TIMES + "} }" * TIMES + " }",
    "exists": "ASK { " + "FILTER EXISTS { " * TIMES + "}" * TIMES + " }",
    "not": "ASK { FILTER(" + "!" * TIMES + "true) }",
    "signs": "ASK { FILTER(" + "- " * TIMES + "1 = 1) }",
    "functions": "ASK { FILTER(" + "STR(" * TIMES + "1" + ")" * TIMES + " = '1') }",
    "or": "ASK { FILTER(1 = 2" + " || 1 = 2" * TIMES + ") }",
    "and": "ASK { FILTER(1 = 1" + " && 1 = 1" * TIMES + ") }",
    "sum": "ASK { FILTER(1" + " + 1" * TIMES + " = 1) }",
    "product": "ASK { FILTER(1" + " * 1" * TIMES + " = 1) }",
    "path": "ASK { ?s <p>" + "/<p>" * TIMES + " ?o }",
    "path of alternatives": "ASK { ?s <p>" + "|<p>" * TIMES + " ?o }",
    "path of stars": "ASK { ?s " + "(" * TIMES + "<p>" + ")*" * TIMES + " ?o }",
    "inverse path": "ASK { ?s " + "^" * TIMES + "<p> ?o }",
    "union": "ASK { { ?s ?p ?o }" + " UNION { ?s ?p ?o }" * TIMES + " }",
    "filters": "ASK { " + "FILTER(true) " * TIMES + "}",
    "binds": "ASK { " + " ".join(f"BIND(1 AS ?x{n})" for n in range(TIMES)) + " }",
    "patterns": "ASK { " + "?s ?p ?o . " * TIMES + "}",
    "groups in a row": "ASK { " + "{} " * TIMES + "}",
    "triple terms": "ASK { ?s ?p " + "<<( ?s ?p " * 5_000 + "1" + " )>>" * 5_000 + " }",
    "reified triples": "ASK { " + "<< " * 5_000 + "?s ?p ?o" + " >> ?p ?o" * 5_000 + " }",
    "prefixes": "PREFIX a: <a> " * TIMES + "ASK {}",
    "select expressions": "SELECT " + " ".join(f"(1 AS ?x{n})" for n in range(TIMES)) + " {}",
    "conditions to sort by": "SELECT * { ?s ?p ?o } ORDER BY " + "?s " * TIMES,
    "arguments": "ASK { FILTER(1 IN (" + "1, " * TIMES + "2)) }",
    "concatenation": "SELECT (CONCAT(" + "'a', " * TIMES + "'b') AS ?x) {}",
    "objects": "ASK { ?s ?p " + "1, " * TIMES + "2 }",
    "one long word": "x" * 900_000,
    "unknown function": f"SELECT (<urn:{'x' * 900_000}>(1) AS ?x) {{}}",
    "long name": f"ASK {{ ?s x:{'y' * 900_000} ?o }}",
    "long lines": "ASK {" + " " * 900_000 + "?",
    "nested if": "SELECT (" + "IF(true, 1, " * TIMES + "2" + ")" * TIMES + " AS ?x) {}",
    "annotations": "ASK { ?s ?p ?o " + "{| ?p ?o " * 5_000 + "|}" * 5_000 + " }",
}
"""What recursive parsers and evaluators die of."""


def services(canary: str) -> dict[str, str]:
    """Return queries that have the engine call `canary` (http://host:port/path), by their disguise."""
    base, slash, path = canary.rpartition("/")
    inside = "{ ?s ?p ?o }"
    call = f"SERVICE <{canary}> {inside}"
    return {
        "plain": f"SELECT * {{ {call} }}",
        "any case": f"SELECT * {{ sErViCe <{canary}> {inside} }}",
        "silent": f"SELECT * {{ SERVICE SILENT <{canary}> {inside} }}",
        "without spaces": f"SELECT*{{SERVICE<{canary}>{{?s?p?o}}}}",
        "comments between": f"SELECT * {{ SERVICE#SILENT\n#\n<{canary}>#{{}}\n{inside} }}",
        "behind a comment": f"SELECT * {{ # just a comment\r{call} }}",
        "escaped address": rf"SELECT * {{ SERVICE <\u0068{canary[1:]}> {inside} }}",
        "prefixed": f"PREFIX c: <{base}{slash}> SELECT * {{ SERVICE c:{path} {inside} }}",
        "one word with a prefix": f"PREFIX e: <{base}{slash}> SELECT * {{ SERVICEe:{path} {inside} }}",
        "relative": f"BASE <{canary}> SELECT * {{ SERVICE <> {inside} }}",
        "behind a truth": f"SELECT * {{ ?x ?y true{call} }}",
        "behind a number": f"SELECT * {{ ?x ?y 1{call} }}",
        "behind a filter": f"SELECT * {{ FILTER(true){call} }}",
        "behind a brace": f"SELECT * {{ OPTIONAL {{ ?x ?y ?z }}{call} }}",
        "in a subselect": f"SELECT * {{ {{ SELECT ?s {{ {call} }} }} }}",
        "in EXISTS": f"SELECT * {{ BIND(1 AS ?x) FILTER EXISTS {{ {call} }} }}",
        "in a condition": f"SELECT (EXISTS {{ {call} }} AS ?x) {{}}",
        "in GRAPH": f"SELECT * {{ GRAPH <urn:x> {{ {call} }} }}",
        "in OPTIONAL": f"SELECT * {{ OPTIONAL {{ {call} }} }}",
        "in UNION": f"SELECT * {{ {{}} UNION {{ {call} }} }}",
        "in MINUS": f"SELECT * {{ BIND(1 AS ?s) MINUS {{ {call} }} }}",
        "in ASK": f"ASK {{ {call} }}",
        "in CONSTRUCT": f"CONSTRUCT {inside} WHERE {{ {call} }}",
        "in DESCRIBE": f"DESCRIBE ?s {{ {call} }}",
        "far down": f"SELECT * {{ {'{' * 150} {call} {'}' * 150} }}",
        "behind a quotation": f"SELECT * {{ BIND('\\'\"#' AS ?x) {call} #'\n }}",
        "behind a long string": f'SELECT * {{ BIND("""a""b\\"""" AS ?x) {call} #"""\n }}',
        "behind an address with a hash": f"SELECT * {{ BIND(<urn:x#> AS ?x) {call} }}",
        "behind a name with a hash": rf"PREFIX e: <urn:e> SELECT * {{ BIND(e:\# AS ?x) {call} }}",
        "behind a comparison": f"SELECT * {{ BIND(1 AS ?x) FILTER(?x<2) {call} FILTER(?x>0) }}",
    }


def other_services(canary: str) -> dict[str, str]:
    """Return some that the engine by itself does not call, or does not understand: today."""
    base, slash, path = canary.rpartition("/")
    inside = "{ ?s ?p ?o }"
    call = f"SERVICE <{canary}> {inside}"
    return {
        "escaped letter": rf"SELECT * {{ \u0053{call[1:]} }}",
        "escaped word": rf"SELECT * {{ \u0053\U00000045\u0052\u0056\u0049\u0043\u0045 {call[7:]} }}",
        "variable": f"SELECT * {{ VALUES ?c {{ <{canary}> }} SERVICE ?c {inside} }}",
        "computed": f'SELECT * {{ BIND(IRI(CONCAT("{base}", "{slash}{path}")) AS ?c) SERVICE ?c {inside} }}',
        "behind a bad escape": rf'SELECT * {{ BIND("""\ud800""" AS ?x) {call} }}',
        "behind an open string": f"SELECT * {{ BIND('x AS ?x) {call} }}",
        "behind a language": f"SELECT * {{ ?x ?y 'x'@en{call} }}",
        "wide letters": f"SELECT * {{ ＳＥＲＶＩＣＥ {call[7:]} }}",
        "long s": f"SELECT * {{ ſ{call[1:]} }}",
        "hard space": f"SELECT * {{ SERVICE\u00a0{call[8:]} }}",
        "zero byte": f"SELECT * {{ SER\0{call[3:]} }}",
    }


def datasets(canary: str) -> dict[str, str]:
    """Return queries about a graph whose name is the canary's address. It is a name and nothing more."""
    return {
        "FROM": f"SELECT * FROM <{canary}> {{ ?s ?p ?o }}",
        "FROM NAMED": f"SELECT * FROM NAMED <{canary}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "FROM and a prefix": f"PREFIX c: <{canary}> SELECT * FROM c: FROM NAMED c: {{ ?s ?p ?o }}",
        "GRAPH": f"SELECT * {{ GRAPH <{canary}> {{ ?s ?p ?o }} }}",
        "DESCRIBE": f"DESCRIBE <{canary}>",
        "CONSTRUCT FROM": f"CONSTRUCT FROM <{canary}> WHERE {{ ?s ?p ?o }}",
        "datatype": f"SELECT * {{ VALUES ?x {{ '1'^^<{canary}> }} FILTER(?x = 1) }}",
    }


def updates(canary: str) -> dict[str, str]:
    """Return what would fetch the canary, or change something."""
    return {
        "LOAD": f"LOAD <{canary}>",
        "LOAD SILENT INTO": f"LOAD SILENT <{canary}> INTO GRAPH <urn:x>",
        "INSERT DATA": "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "INSERT SERVICE": f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{canary}> {{ ?s ?p ?o }} }}",
        "behind a query": f"ASK {{}} ; LOAD <{canary}>",
        "escaped": f"\\u004cOAD <{canary}>",
        "behind a prefix": f"PREFIX a: <urn:a> LOAD <{canary}>",
        "DROP ALL": "DROP ALL",
    }
