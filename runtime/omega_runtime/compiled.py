"""What compiled modules import: this module and no other of the runtime, whose rooms may move behind it.

    from omega_runtime.compiled import compiled_by

    compiled_by("0.1.0", 1, __name__, "summarize.omega")

    from omega_runtime.compiled import NIL, perform, reserve

Each name is imported from its home when it is first asked for. Whoever takes a name away or changes what it means to
code that was compiled before raises `INTERFACE`; a name that is only added changes nothing for older modules.
"""

import sys

from omega_runtime.control.limit import raise_limit
from omega_runtime.diagnostics.uncaught import install
from omega_runtime.version import INTERFACE, __version__

_NAMES = {
    "chapter.allocation": "allocate_tasks get_priority run_allocated_tasks sum_",
    "chapter.emergency": (
        "current_mode degrade_when_low emergency_mode enable_aggressive_caching enable_caching reduce_quality_to_low "
        "reduce_quality_to_medium standard_mode use_minimal_prompts"
    ),
    "chapter.forecast": "average forecast_budget_needs forecast_tokens standard_deviation",
    "chapter.history": "find_similar_historical_tasks get_cost with_task",
    "chapter.monitoring": "execute monitor_budget_usage on_completion on_threshold spending",
    "chapter.scopes": (
        "answer_stop_reason explain_budget get_budget get_dollar_budget is_answer_truncated partial_results "
        "with_budget with_tracking"
    ),
    "chapter.quality": "adaptive_summarize generate_with_quality_target multi_pass_refinement single_pass",
    "concurrent.library": (
        "concurrent_filter concurrent_for_each concurrent_map concurrent_vector_map concurrently parallel_map "
        "sequential"
    ),
    "lib.backtracking": "amb_collect amb_collect_n bind mplus mzero require",
    "lib.continuations": "call_with_current_continuation",
    "lib.guards": "guarded",
    "entries": "call guard handle_step perform_step reentrant reraise run run_in_session",
    "lib.csv": "csv_emit csv_parse",
    "lib.dates": (
        "current_date date_add date_difference date_in_zone date_less date_ref date_to_seconds date_to_string "
        "dates_equal is_date make_date seconds_to_date string_to_date"
    ),
    "lib.files": (
        "call_with_input_file call_with_output_file delete_file open_binary_input_file open_binary_output_file "
        "open_input_file open_output_file with_input_from_file with_output_to_file"
    ),
    "lib.json": "json_emit json_parse json_ref json_ref_default",
    "lib.matching": "from_end is_list_from is_list_of is_started_with is_vector_of match_each middle no_match",
    "lib.prompts": "abort_to_prompt call_with_prompt",
    "lib.special_forms": (
        "as_list check_callee check_part checked_table defined delay delay_force list_elements list_slices "
        "not_a_procedure oracle_prompt parameterize receive record_field spread string_of_chars string_slices "
        "vector_slices wrong_record"
    ),
    "lib.counting": "above below downto falling passing reaching sinking until upto",
    "control.tail": "bounce entry named TAIL",
    "calls.effects": "effect",
    "calls.handlers": "handle",
    "calls.sampling": "sample",
    "calls.woven": "perform reserve settle void",
    "places": "Site",
    "diagnostics.conditions": "condition",
    "lib.arguments": "elements",
    "lib.association": "assoc assq assv delete delete_duplicates member memq memv",
    "lib.booleans": "booleans_equal is_boolean is_equal is_eqv not_",
    "lib.chars": (
        "char_ci_greater char_ci_greater_or_equal char_ci_less char_ci_less_or_equal char_downcase char_foldcase "
        "char_greater char_greater_or_equal char_less char_less_or_equal char_to_digit char_to_integer char_upcase "
        "chars_ci_equal chars_equal digit_to_char digit_value integer_to_char is_char is_char_alphabetic "
        "is_char_lower_case is_char_numeric is_char_upper_case is_char_whitespace"
    ),
    "lib.coercions": (
        "coerce_value find_all_coercion_paths find_coercion_path get_coercion is_coercion_table make_coercion_table "
        "put_coercion"
    ),
    "lib.conditions": (
        "assert_ condition_report_string error error_object_irritants error_object_message exit_ handler_bind "
        "is_error is_file_error is_read_error raise_ raise_continuable signal with_exception_handler"
    ),
    "lib.control": (
        "call_with_values dynamic_wind force is_default_object is_procedure is_promise is_promise_forced "
        "make_parameter make_promise unspecified values"
    ),
    "lib.conversations": "assistant is_message message_role message_text user",
    "lib.dispatch": (
        "apply_generic apply_generic_coerced attach_tag contents is_op_table is_tagged make_op_table op_table_get "
        "op_table_put type_tag"
    ),
    "lib.distributions": (
        "dist dist_count dist_from_list dist_normalize dist_sample dist_to_list dist_topk dist_value_at "
        "dist_weight_at is_dist"
    ),
    "lib.evidence": "evidence_id is_evidence_stale verify_evidence",
    "lib.formatting": "format_ format_number",
    "lib.functions": "case_lambda compose constantly identity partial pipe unit",
    "lib.higher_order": (
        "any_ append_map apply count drop_while every filter_ filter_items filter_map find find_tail fold fold_left "
        "fold_right for_each list_index map_ map_items partition reduce reduce_right remove take_while unfold "
        "unfold_right"
    ),
    "lib.lists": (
        "append append_reverse caaaar caaadr caaar caadar caaddr caadr caar cadaar cadadr cadar caddar cadddr caddr "
        "cadr car cdaaar cdaadr cdaar cdadar cdaddr cdadr cdar cddaar cddadr cddar cdddar cddddr cdddr cddr cdr "
        "concatenate cons cons_star drop except_last_pair fifth first fourth iota iota_items is_list is_null is_pair "
        "last last_pair length list_ list_copy list_head list_ref list_set list_tabulate list_tail make_list_ reverse "
        "second set_car set_cdr sublist take third"
    ),
    "lib.numbers": (
        "abs_ add add_one ceiling divide exact floor floor_divide floor_quotient gcd greater greater_or_equal inexact "
        "is_even is_exact is_exact_integer is_exact_nonnegative_integer is_exact_rational is_finite is_inexact "
        "is_infinite is_integer is_nan is_negative is_number_ is_odd is_positive is_rational is_zero lcm less "
        "less_or_equal max_ min_ modulo multiply number_to_string numbers_equal quotient remainder round_ square "
        "string_to_number subtract subtract_one truncate truncate_divide"
    ),
    "lib.overlaps": "rewrite_conflicts",
    "lib.patterns": "match_pattern substitute_template",
    "lib.ports": (
        "call_with_input_string call_with_output_string call_with_port close_input_port close_output_port close_port "
        "current_error_port current_input_port current_output_port display eof_object flush_output get_output_string "
        "is_binary_port is_char_ready is_eof_object is_input_port is_input_port_open is_output_port "
        "is_output_port_open is_port is_textual_port newline open_input_string open_output_string peek_char read "
        "read_char read_line read_string string_builder with_input_from_string with_output_to_string write write_char "
        "write_line write_shared write_string"
    ),
    "lib.regexps": "regexp_match regexp_match_all regexp_quote regexp_replace regexp_split",
    "lib.restarts": "compute_restarts find_restart invoke_restart is_restart restart_bind restart_case restart_name",
    "lib.rewriting": "is_rule make_rule make_rule_where rewrite_fixpoint rewrite_once rewrite_trace",
    "lib.sorting": "list_sort sort sort_by sort_in_place vector_sort",
    "lib.streams": (
        "interleave is_stream_null is_stream_pair list_to_stream stream_ stream_append stream_car stream_cdr "
        "stream_filter stream_for_each stream_head stream_map stream_ref stream_tail stream_take stream_to_list"
    ),
    "lib.python": "is_python_exception omega_to_python python_ref python_set python_to_omega",
    "lib.strings": (
        "char_text is_string is_string_contains is_string_null is_string_prefix is_string_suffix joined "
        "list_to_string make_string string_ string_append string_chars string_ci_greater "
        "string_ci_greater_or_equal string_ci_less "
        "string_ci_less_or_equal string_contains string_copy string_downcase string_foldcase string_for_each "
        "string_greater string_greater_or_equal string_head string_join string_length string_less "
        "string_less_or_equal string_map string_pad_left string_pad_right string_ref string_replace string_reverse "
        "string_search_all string_search_backward string_search_forward string_parts string_split string_tail "
        "string_texts string_to_list string_to_vector string_trim string_trim_left string_trim_right string_upcase "
        "strings_ci_equal strings_equal substring text_char vector_to_string"
    ),
    "lib.symbols": (
        "datum_to_syntax gensym is_keyword is_symbol keyword_to_string keyword_to_symbol string_to_keyword "
        "string_to_symbol symbol_append symbol_less symbol_to_keyword symbol_to_string symbols_equal syntax_to_datum"
    ),
    "lib.system": (
        "command_line current_jiffy current_time features get_environment_variable get_environment_variables "
        "is_file_exists jiffies_per_second real_time runtime"
    ),
    "lib.tables": (
        "alist_to_hash_table hash_table hash_table_clear hash_table_copy hash_table_count hash_table_delete "
        "hash_table_fold hash_table_keys hash_table_ref hash_table_ref_default hash_table_set hash_table_size "
        "hash_table_to_alist hash_table_update hash_table_update_default hash_table_values hash_table_walk "
        "is_hash_table is_hash_table_contains is_hash_table_empty make_equal_hash_table make_eqv_hash_table "
        "make_hash_table table_get table_put"
    ),
    "lib.transcendental": "acos asin atan cos exact_integer_sqrt exp expt log random_ sin sqrt tan",
    "lib.vectors": (
        "is_vector list_to_vector make_initialized_vector make_items make_vector subvector subvector_fill "
        "subvector_to_list vector vector_any vector_append vector_binary_search vector_copy vector_copy_into "
        "vector_count vector_every vector_fill vector_first vector_fold vector_fold_right vector_for_each vector_grow "
        "vector_head vector_index vector_last vector_length vector_map vector_map_in_place vector_ref vector_reverse "
        "vector_set vector_set_each vector_swap vector_tail vector_to_list"
    ),
    "values.chars": "Char",
    "values.pairs": "list_from NIL Pair",
    "values.records": "Record",
    "values.symbols": "Keyword Symbol",
    "values.vectors": "Vector",
    "world.permissions": "check_python",
    "lib.association_lists": (
        "alist_cons alist_copy alist_delete assoc_ref assoc_set assq_ref assq_set assv_ref assv_set del_assoc "
        "del_assq del_assv"
    ),
    "lib.binary_ports": (
        "get_output_bytevector is_u8_ready open_input_bytevector open_output_bytevector peek_u8 read_bytevector "
        "read_bytevector_into read_u8 write_bytevector write_u8"
    ),
    "lib.bitwise": (
        "arithmetic_shift bit_count bitwise_and bitwise_not bitwise_or bitwise_xor integer_length shift_left "
        "shift_right"
    ),
    "lib.bytevectors": (
        "bytevector bytevector_append bytevector_copy bytevector_copy_into bytevector_fill bytevector_length "
        "bytevector_to_list bytevector_u8_ref bytevector_u8_set is_bytevector list_to_bytevector make_bytevector "
        "string_to_utf8 utf8_to_string"
    ),
    "lib.attachments": "image is_attachment pdf",
    "lib.hashing": "equal_hash hash_by_identity string_ci_hash string_hash symbol_hash",
    "lib.hashtables": (
        "hashtable_clear hashtable_entries hashtable_keys hashtable_values is_hashtable_mutable make_hashtable"
    ),
    "lib.list_sets": (
        "are_sets_equal is_subset lset_adjoin lset_difference lset_difference_and_intersection lset_intersection "
        "lset_union lset_xor"
    ),
    "lib.rationals": (
        "angle ceiling_to_exact denominator floor_to_exact imag_part numerator rationalize real_part round_to_exact "
        "truncate_to_exact"
    ),
    "lib.string_search": (
        "string_any string_concatenate string_count string_drop_right string_every string_filter string_fold "
        "string_fold_right string_index string_index_right string_remove string_skip string_skip_right "
        "string_tabulate string_take_right"
    ),
    "lib.sublists": (
        "are_lists_equal break_ car_and_cdr circular_list drop_right eighth is_circular_list is_dotted_list "
        "is_not_pair length_or_false ninth pair_fold pair_for_each seventh sixth span split_at take_right tenth xcons "
        "zip_"
    ),
    "lib.table_operations": (
        "are_hash_tables_equal hash_table_difference hash_table_empty_copy hash_table_entries "
        "hash_table_equivalence_function hash_table_find hash_table_hash_function hash_table_intern "
        "hash_table_intersection hash_table_map_in_place hash_table_map_to_list hash_table_merge hash_table_pop "
        "hash_table_prune hash_table_unfold hash_table_xor"
    ),
    "values.bytevectors": "Bytevector",
    "values.labels": "Label linked",
    "calls.deferring": "deferred",
    "calls.embedding": "embed reserve_embedding",
    "calls.stopping": "call_with_token_limit",
    "calls.tools": (
        "conversation conversation_after conversation_operand converse describe_tool end_conversation is_tool_calls "
        "tool_calls tool_error tool_result web_search"
    ),
    "lib.folders": "directory_list read_lines",
}
HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}
"""The module of the runtime that each name comes from."""

# Modules that another version compiled: its version and their source, for the message about a name that isn't here.
_foreign: dict[str, tuple[str, str]] = {}


def compiled_by(version: str, interface: int, module: str, source: str, *_later: object) -> None:
    """What a compiled module calls before it imports anything else: the version and interface that it was made for.

    `source` is the Omega file as seen from the module's folder. Raises ImportError for another interface. From
    here on uncaught errors of Omega code print with Omega places, unless somebody else prints errors already, and
    recursion may go deeper than Python's own limit says.
    """
    if interface != INTERFACE:
        made = f"{version} (interface {interface}), this is {__version__} (interface {INTERFACE})"
        raise _outdated(made, module, source)
    if version != __version__:
        _foreign[module] = version, source
    raise_limit()
    install(politely=module != "__main__")


def __getattr__(name: str) -> object:
    home = HOMES.get(name)
    if home is not None:
        value = globals()[name] = getattr(__import__(f"omega_runtime.{home}", fromlist=[name]), name)
        return value
    importer = sys._getframe(1).f_globals.get("__name__")
    if importer in _foreign and not name.startswith("__"):
        version, source = _foreign[importer]
        raise _outdated(f"{version}, this is {__version__}, which has no {name}", importer, source)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _outdated(made: str, module: str, source: str) -> ImportError:
    """The error for a module that doesn't fit this runtime, with the command that mends it."""
    import os
    import shlex
    from pathlib import Path

    file = sys._getframe(2).f_globals.get("__file__")
    command = ["omegac", "compile", source]
    if file is not None:
        target, origin = Path(os.path.relpath(file)), Path(os.path.relpath(Path(file).parent / source))
        command[2:] = [str(origin)] if target.parent == origin.parent else [str(origin), "-o", str(target)]
    message = f"{module} was compiled by omegac {made}; compile it again: {shlex.join(command)}"
    return ImportError(message, name=module, path=file)
