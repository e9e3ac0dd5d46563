"""Let morph-kgc map what CONFIG.ini names, once for each line of standard input, in this one process.

For the Python that has morph-kgc: python morph_kgc_script.py CONFIG.ini . Does what `python -m morph_kgc`
does in one process; mappings are read before the clock starts.
"""

import sys
import time

from morph_kgc.args_parser import load_config_from_argument
from morph_kgc.constants import RML_TRIPLES_MAP_CLASS
from morph_kgc.mapping.mapping_parser import retrieve_mappings
from morph_kgc.materializer import _materialize_mapping_group_to_file
from morph_kgc.utils import prepare_output_files


def main() -> None:
    config = load_config_from_argument(sys.argv[1])
    rules, functions, apis = retrieve_mappings(config)
    config.set("CONFIGURATION", "http_api_df", apis.to_csv())
    asserted = rules.loc[rules["triples_map_type"] == RML_TRIPLES_MAP_CLASS]
    groups = [group for _, group in asserted.groupby(by="mapping_partition")]
    print("ready", flush=True)
    for _ in sys.stdin:
        prepare_output_files(config, rules)
        wall, cpu = time.perf_counter(), time.process_time()
        for group in groups:
            _materialize_mapping_group_to_file(group, rules, functions, config)
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


main()
