# Compiled by omegac 0.1.0 (interface 2) from prelude.omega
# Source sha256:0bc6b7cadd87151a1f2025b6c897d4c0b09be582af0239d9667d2b0ee9f29a5d
# Output sha256:d8c2a4751e86c029c1a35440504c72a447f176596b7645a7ee8aa2e27b52538c
# Edit the source and compile again; changes made here are lost.
"""Compiled from prelude.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("0.1.0", 2, __name__, "prelude.omega")

from omega_runtime.compiled import (
    NIL, Pair, any_, append, append_map, apply, as_list, break_, call as call_,
    call_with_input_string, call_with_output_string, car, cdr, check_callee, check_part,
    checked_table, conversation_after, converse, count, drop_while, dynamic_wind, end_conversation,
    every, filter_, filter_map, find, find_tail, fold, fold_left, fold_right, for_each,
    get_output_string, hash_table_find, hash_table_fold, hash_table_map_to_list,
    hash_table_ref_default, hash_table_set, hash_table_to_alist, hash_table_update_default,
    hash_table_walk, is_hash_table, is_null, is_pair, is_procedure, is_tool_calls, list_,
    list_elements, list_from, list_index, list_slices, list_tabulate, list_to_vector, map_,
    open_input_string, open_output_string, pair_fold, pair_for_each, partition, reduce,
    reduce_right, reentrant, remove, reverse, run, span, string_any, string_every, string_fold,
    string_fold_right, string_for_each, string_map, string_of_chars, string_slices, take_while,
    tool_calls, values, vector_any, vector_count, vector_every, vector_fold, vector_fold_right,
    vector_for_each, vector_index, vector_map, vector_slices,
)

__all__ = []
__omega_source__ = "prelude.omega"


def _map__cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("map", 1, procedure)
    if rest.__class__ is not Pair and is_null(rest):
        def loop_cps(k, items, found):
            if items.__class__ is not Pair:
                if items is NIL or is_null(items):
                    return k, reverse(found)
                items = as_list(items)
            value = items.cdr

            def after_procedure(value_2):
                return loop_cps, k, value, Pair(value_2, found)

            return call_, after_procedure, procedure, items.car

        return loop_cps, k, list_elements("map", 2, first), NIL

    def loop_cps_2(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, reverse(found)
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps_2, k, value, Pair(value_2, found)

        return apply.cps, after_apply, procedure, items.car

    return loop_cps_2, k, list_slices("map", 2, first, rest), NIL


map_.cps = _map__cps


def _for_each_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("for-each", 1, procedure)
    if rest.__class__ is not Pair and is_null(rest):
        def loop_cps(k, items):
            if type(items) is Pair or is_pair(items):
                def then(_x):
                    return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

                return call_, then, procedure, items.car if items.__class__ is Pair else car(items)
            return k, None

        return loop_cps, k, list_elements("for-each", 2, first)

    def loop_cps_2(k, items):
        if type(items) is Pair or is_pair(items):
            def then(_x):
                return loop_cps_2, k, items.cdr if items.__class__ is Pair else cdr(items)

            return apply.cps, then, procedure, items.car if items.__class__ is Pair else car(items)
        return k, None

    return loop_cps_2, k, list_slices("for-each", 2, first, rest)


for_each.cps = _for_each_cps


def _append_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("append-map", 1, procedure)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, apply(append, reverse(found))
            items = as_list(items)

        def after_apply(part):
            check_part("append-map", procedure, part)
            return (
                loop_cps,
                k,
                items.cdr if items.__class__ is Pair else cdr(items),
                Pair(part, found),
            )

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, list_slices("append-map", 2, first, rest), NIL


append_map.cps = _append_map_cps


def _filter_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("filter-map", 1, procedure)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, reverse(found)
            items = as_list(items)

        def after_apply(value):
            return (
                loop_cps,
                k,
                items.cdr if items.__class__ is Pair else cdr(items),
                Pair(value, found) if value is not False else found,
            )

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, list_slices("filter-map", 2, first, rest), NIL


filter_map.cps = _filter_map_cps


def _filter__cps(k, predicate, items):
    check_callee("filter", 1, predicate)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, reverse(found)
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_predicate(test):
            if test is not False:
                return then, Pair(items.car if items.__class__ is Pair else car(items), found)
            return then, found

        return call_, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("filter", 2, items), NIL


filter_.cps = _filter__cps


def _remove_cps(k, predicate, items):
    check_callee("remove", 1, predicate)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, reverse(found)
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_predicate(test):
            if test is not False:
                return then, found
            return then, Pair(items.car if items.__class__ is Pair else car(items), found)

        return call_, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("remove", 2, items), NIL


remove.cps = _remove_cps


def _partition_cps(k, predicate, items):
    check_callee("partition", 1, predicate)

    def loop_cps(k, items, kept, others):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, values(reverse(kept), reverse(others))
            items = as_list(items)

        def after_predicate(test):
            if test is not False:
                return (
                    loop_cps,
                    k,
                    items.cdr if items.__class__ is Pair else cdr(items),
                    Pair(items.car if items.__class__ is Pair else car(items), kept),
                    others,
                )
            return (
                loop_cps,
                k,
                items.cdr if items.__class__ is Pair else cdr(items),
                kept,
                Pair(items.car if items.__class__ is Pair else car(items), others),
            )

        return call_, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("partition", 2, items), NIL, NIL


partition.cps = _partition_cps


def _fold_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("fold", 1, procedure)
    if rest.__class__ is not Pair and is_null(rest):
        def loop_cps(k, items, result):
            if items.__class__ is not Pair:
                if items is NIL or is_null(items):
                    return k, result
                items = as_list(items)
            value = items.cdr

            def after_procedure(value_2):
                return loop_cps, k, value, value_2

            return call_, after_procedure, procedure, result, items.car

        return loop_cps, k, list_elements("fold", 3, first), initial

    def loop_cps_2(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps_2, k, value, value_2

        return apply.cps, after_apply, procedure, result, items.car

    return loop_cps_2, k, list_slices("fold", 3, first, rest), initial


fold.cps = _fold_cps


def _fold_left_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("fold-left", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, value_2

        return apply.cps, after_apply, procedure, result, items.car

    return loop_cps, k, list_slices("fold-left", 3, first, rest), initial


fold_left.cps = _fold_left_cps


def _fold_right_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("fold-right", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, value_2

        return apply.cps, after_apply, procedure, append(items.car, list_(result))

    return loop_cps, k, reverse(list_slices("fold-right", 3, first, rest)), initial


fold_right.cps = _fold_right_cps


def _reduce_cps(k, procedure, initial, items):
    check_callee("reduce", 1, procedure)
    items_2 = list_elements("reduce", 3, items)
    if items_2.__class__ is not Pair:
        if items_2 is NIL or is_null(items_2):
            return k, initial
        items_2 = as_list(items_2)

    def loop_cps(k, rest, result):
        if rest.__class__ is not Pair:
            if rest is NIL or is_null(rest):
                return k, result
            rest = as_list(rest)
        value = rest.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure, result, rest.car

    return loop_cps, k, items_2.cdr, items_2.car


reduce.cps = _reduce_cps


def _reduce_right_cps(k, procedure, initial, items):
    check_callee("reduce-right", 1, procedure)
    items_2 = reverse(list_elements("reduce-right", 3, items))
    if items_2.__class__ is not Pair:
        if items_2 is NIL or is_null(items_2):
            return k, initial
        items_2 = as_list(items_2)

    def loop_cps(k, rest, result):
        if rest.__class__ is not Pair:
            if rest is NIL or is_null(rest):
                return k, result
            rest = as_list(rest)
        value = rest.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure, rest.car, result

    return loop_cps, k, items_2.cdr, items_2.car


reduce_right.cps = _reduce_right_cps


def _find_cps(k, predicate, items):
    check_callee("find", 1, predicate)

    def loop_cps(k, items):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, False
            items = as_list(items)

        def after_predicate(test):
            if test is not False:
                return k, items.car if items.__class__ is Pair else car(items)
            return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

        return call_, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("find", 2, items)


find.cps = _find_cps


def _find_tail_cps(k, predicate, items):
    check_callee("find-tail", 1, predicate)

    def loop_cps(k, rest):
        if type(rest) is Pair or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return k, rest
                return loop_cps, k, rest.cdr if rest.__class__ is Pair else cdr(rest)

            return (
                call_,
                after_predicate,
                predicate,
                rest.car if rest.__class__ is Pair else car(rest),
            )
        list_elements(
            "find-tail", 2, rest if rest.__class__ is not Pair and is_null(rest) else items
        )
        return k, False

    return loop_cps, k, items


find_tail.cps = _find_tail_cps


def _list_index_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("list-index", 1, predicate)

    def loop_cps(k, items, index):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, False
            items = as_list(items)

        def after_apply(test):
            if test is not False:
                return k, index
            return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items), index + 1

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, list_slices("list-index", 2, first, rest), 0


list_index.cps = _list_index_cps


def _any__cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("any", 1, predicate)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if items.__class__ is Pair else car(items),
            )
        return k, False

    return loop_cps, k, list_slices("any", 2, first, rest)


any_.cps = _any__cps


def _every_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("every", 1, predicate)

    def loop_cps(k, items, value):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items), value
            return k, False

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, list_slices("every", 2, first, rest), True


every.cps = _every_cps


def _count_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("count", 1, predicate)

    def loop_cps(k, items, number):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, number
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_apply(test):
            if test is not False:
                return then, number + 1
            return then, number

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, list_slices("count", 2, first, rest), 0


count.cps = _count_cps


def _take_while_cps(k, predicate, items):
    check_callee("take-while", 1, predicate)

    def loop_cps(k, items, found):
        def then(test):
            if test is not False:
                return (
                    loop_cps,
                    k,
                    items.cdr if items.__class__ is Pair else cdr(items),
                    Pair(items.car if items.__class__ is Pair else car(items), found),
                )
            return k, reverse(found)

        if type(items) is Pair or is_pair(items):
            return call_, then, predicate, items.car if items.__class__ is Pair else car(items)
        return then, False

    return loop_cps, k, list_elements("take-while", 2, items), NIL


take_while.cps = _take_while_cps


def _drop_while_cps(k, predicate, items):
    check_callee("drop-while", 1, predicate)

    def loop_cps(k, rest):
        if type(rest) is Pair or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return loop_cps, k, rest.cdr if rest.__class__ is Pair else cdr(rest)
                return k, rest

            return (
                call_,
                after_predicate,
                predicate,
                rest.car if rest.__class__ is Pair else car(rest),
            )
        list_elements(
            "drop-while", 2, rest if rest.__class__ is not Pair and is_null(rest) else items
        )
        return k, rest

    return loop_cps, k, items


drop_while.cps = _drop_while_cps


def _list_tabulate_cps(k, size, procedure):
    check_callee("list-tabulate", 2, procedure)

    def loop_cps(k, indices, found):
        if indices.__class__ is not Pair:
            if indices is NIL or is_null(indices):
                return k, reverse(found)
            indices = as_list(indices)
        value = indices.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return call_, after_procedure, procedure, indices.car

    def after_list_tabulate(value):
        return loop_cps, k, value, NIL

    return list_tabulate.cps, after_list_tabulate, size, lambda i: i


list_tabulate.cps = _list_tabulate_cps


def _span_cps(k, predicate, items):
    check_callee("span", 1, predicate)

    def loop_cps(k, rest, found):
        if type(rest) is Pair or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return (
                        loop_cps,
                        k,
                        rest.cdr if rest.__class__ is Pair else cdr(rest),
                        Pair(rest.car if rest.__class__ is Pair else car(rest), found),
                    )
                return k, values(reverse(found), rest)

            return (
                call_,
                after_predicate,
                predicate,
                rest.car if rest.__class__ is Pair else car(rest),
            )
        list_elements("span", 2, rest if rest.__class__ is not Pair and is_null(rest) else items)
        return k, values(reverse(found), rest)

    return loop_cps, k, items, NIL


span.cps = _span_cps


def _break__cps(k, predicate, items):
    check_callee("break", 1, predicate)

    def loop_cps(k, rest, found):
        if type(rest) is Pair or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return k, values(reverse(found), rest)
                return (
                    loop_cps,
                    k,
                    rest.cdr if rest.__class__ is Pair else cdr(rest),
                    Pair(rest.car if rest.__class__ is Pair else car(rest), found),
                )

            return (
                call_,
                after_predicate,
                predicate,
                rest.car if rest.__class__ is Pair else car(rest),
            )
        list_elements("break", 2, rest if rest.__class__ is not Pair and is_null(rest) else items)
        return k, values(reverse(found), rest)

    return loop_cps, k, items, NIL


break_.cps = _break__cps


def _pair_for_each_cps(k, procedure, items):
    check_callee("pair-for-each", 1, procedure)
    list_elements("pair-for-each", 2, items)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return call_, then, procedure, items
        return k, None

    return loop_cps, k, items


pair_for_each.cps = _pair_for_each_cps


def _pair_fold_cps(k, procedure, initial, items):
    check_callee("pair-fold", 1, procedure)
    list_elements("pair-fold", 3, items)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure, items, result

    return loop_cps, k, items, initial


pair_fold.cps = _pair_fold_cps


def _string_for_each_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-for-each", 1, procedure)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return apply.cps, then, procedure, items.car if items.__class__ is Pair else car(items)
        return k, None

    return loop_cps, k, string_slices("string-for-each", 2, first, rest)


string_for_each.cps = _string_for_each_cps


def _string_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-map", 1, procedure)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, string_of_chars("string-map", procedure, reverse(found))
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, string_slices("string-map", 2, first, rest), NIL


string_map.cps = _string_map_cps


def _string_any_cps(k, predicate, text):
    check_callee("string-any", 1, predicate)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if items.__class__ is Pair else car(items),
            )
        return k, False

    return loop_cps, k, string_slices("string-any", 2, text, NIL)


string_any.cps = _string_any_cps


def _string_every_cps(k, predicate, text):
    check_callee("string-every", 1, predicate)

    def loop_cps(k, items, value):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items), value
            return k, False

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, string_slices("string-every", 2, text, NIL), True


string_every.cps = _string_every_cps


def _string_fold_cps(k, procedure, initial, text):
    check_callee("string-fold", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure, car(items.car), result

    return loop_cps, k, string_slices("string-fold", 3, text, NIL), initial


string_fold.cps = _string_fold_cps


def _string_fold_right_cps(k, procedure, initial, text):
    check_callee("string-fold-right", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure, car(items.car), result

    return loop_cps, k, reverse(string_slices("string-fold-right", 3, text, NIL)), initial


string_fold_right.cps = _string_fold_right_cps


def _vector_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("vector-map", 1, procedure)

    def loop_cps(k, items, found):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, list_to_vector(reverse(found))
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, vector_slices("vector-map", 2, first, rest), NIL


vector_map.cps = _vector_map_cps


def _vector_for_each_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("vector-for-each", 1, procedure)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return apply.cps, then, procedure, items.car if items.__class__ is Pair else car(items)
        return k, None

    return loop_cps, k, vector_slices("vector-for-each", 2, first, rest)


vector_for_each.cps = _vector_for_each_cps


def _vector_fold_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("vector-fold", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, value_2

        return apply.cps, after_apply, procedure, result, items.car

    return loop_cps, k, vector_slices("vector-fold", 3, first, rest), initial


vector_fold.cps = _vector_fold_cps


def _vector_fold_right_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("vector-fold-right", 1, procedure)

    def loop_cps(k, items, result):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, value_2

        return apply.cps, after_apply, procedure, result, items.car

    return loop_cps, k, reverse(vector_slices("vector-fold-right", 3, first, rest)), initial


vector_fold_right.cps = _vector_fold_right_cps


def _vector_count_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-count", 1, predicate)

    def loop_cps(k, items, number):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, number
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_apply(test):
            if test is not False:
                return then, number + 1
            return then, number

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, vector_slices("vector-count", 2, first, rest), 0


vector_count.cps = _vector_count_cps


def _vector_index_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-index", 1, predicate)

    def loop_cps(k, items, index):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, False
            items = as_list(items)

        def after_apply(test):
            if test is not False:
                return k, index
            return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items), index + 1

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, vector_slices("vector-index", 2, first, rest), 0


vector_index.cps = _vector_index_cps


def _vector_any_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-any", 1, predicate)

    def loop_cps(k, items):
        if type(items) is Pair or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if items.__class__ is Pair else car(items),
            )
        return k, False

    return loop_cps, k, vector_slices("vector-any", 2, first, rest)


vector_any.cps = _vector_any_cps


def _vector_every_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-every", 1, predicate)

    def loop_cps(k, items, value):
        if items.__class__ is not Pair:
            if items is NIL or is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if items.__class__ is Pair else cdr(items), value
            return k, False

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, vector_slices("vector-every", 2, first, rest), True


vector_every.cps = _vector_every_cps


def _hash_table_walk_cps(k, table, procedure):
    is_last = is_hash_table(procedure)
    entries = hash_table_to_alist(
        checked_table(
            "hash-table-walk",
            2 if is_last is not False else 1,
            procedure if is_last is not False else table,
        ),
    )
    procedure_2 = table if is_last is not False else procedure
    check_callee("hash-table-walk", 1 if is_last is not False else 2, procedure_2)

    def loop_cps(k, entries):
        if type(entries) is Pair or is_pair(entries):
            def then(_x):
                return loop_cps, k, entries.cdr if entries.__class__ is Pair else cdr(entries)

            return (
                call_,
                then,
                procedure_2,
                car(entries.car if entries.__class__ is Pair else car(entries)),
                cdr(entries.car if entries.__class__ is Pair else car(entries)),
            )
        return k, None

    return loop_cps, k, entries


hash_table_walk.cps = _hash_table_walk_cps


def _hash_table_fold_cps(k, table, procedure, initial):
    is_last = is_procedure(table) and is_hash_table(initial)
    entries = hash_table_to_alist(
        checked_table("hash-table-fold", 1, initial if is_last is not False else table)
    )
    initial_2 = procedure if is_last is not False else initial
    procedure_2 = table if is_last is not False else procedure
    check_callee("hash-table-fold", 2, procedure_2)

    def loop_cps(k, entries, result):
        if entries.__class__ is not Pair:
            if entries is NIL or is_null(entries):
                return k, result
            entries = as_list(entries)
        value = entries.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call_, after_procedure, procedure_2, car(entries.car), cdr(entries.car), result

    return loop_cps, k, entries, initial_2


hash_table_fold.cps = _hash_table_fold_cps


def _hash_table_find_cps(k, procedure, table):
    check_callee("hash-table-find", 1, procedure)

    def loop_cps(k, entries):
        if type(entries) is Pair or is_pair(entries):
            def after_procedure(value):
                if value is not False:
                    return k, value
                return loop_cps, k, entries.cdr if entries.__class__ is Pair else cdr(entries)

            return (
                call_,
                after_procedure,
                procedure,
                car(entries.car if entries.__class__ is Pair else car(entries)),
                cdr(entries.car if entries.__class__ is Pair else car(entries)),
            )
        return k, False

    return loop_cps, k, hash_table_to_alist(checked_table("hash-table-find", 2, table))


hash_table_find.cps = _hash_table_find_cps


def _hash_table_map_to_list_cps(k, procedure, table):
    check_callee("hash-table-map->list", 1, procedure)

    def loop_cps(k, entries, found):
        if entries.__class__ is not Pair:
            if entries is NIL or is_null(entries):
                return k, reverse(found)
            entries = as_list(entries)
        value = entries.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return call_, after_procedure, procedure, car(entries.car), cdr(entries.car)

    return loop_cps, k, hash_table_to_alist(checked_table("hash-table-map->list", 2, table)), NIL


hash_table_map_to_list.cps = _hash_table_map_to_list_cps


def _hash_table_update_default_cps(k, table, key, procedure, default):
    checked_table("hash-table-update!/default", 1, table)
    check_callee("hash-table-update!/default", 3, procedure)

    def after_procedure(value):
        return k, hash_table_set(table, key, value)

    return call_, after_procedure, procedure, hash_table_ref_default(table, key, default)


hash_table_update_default.cps = _hash_table_update_default_cps


def _call_with_output_string_cps(k, procedure):
    check_callee("call-with-output-string", 1, procedure)
    port = open_output_string()

    def then(_x):
        return k, get_output_string(port)

    return call_, then, procedure, port


call_with_output_string.cps = _call_with_output_string_cps


def _call_with_input_string_cps(k, text, procedure):
    check_callee("call-with-input-string", 2, procedure)
    return call_, k, procedure, open_input_string(text)


call_with_input_string.cps = _call_with_input_string_cps


def _converse_cps(k, conversation, ask, call):
    def fn_cps(k):
        def next_cps(k, conversation):
            def after_ask(answer):
                if is_tool_calls(answer):
                    def each_cps(k, calls, results):
                        if type(calls) is Pair or is_pair(calls):
                            value = calls.cdr if calls.__class__ is Pair else cdr(calls)

                            def after_call(value_2):
                                return each_cps, k, value, Pair(value_2, results)

                            return (
                                call_,
                                after_call,
                                call,
                                car(calls.car if calls.__class__ is Pair else car(calls)),
                                cdr(calls.car if calls.__class__ is Pair else car(calls)),
                            )
                        return (
                            next_cps,
                            k,
                            conversation_after(conversation, answer, reverse(results)),
                        )

                    return each_cps, k, tool_calls(conversation, answer), NIL
                return k, answer

            return call_, after_ask, ask, conversation

        return next_cps, k, conversation

    @reentrant(fn_cps)
    def fn():
        return run(fn_cps)

    return dynamic_wind.cps, k, lambda: False, fn, lambda: end_conversation(conversation)


converse.cps = _converse_cps


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 31:4:1 33:5:3 34:6:7 35:7:7 36:8:13 38:9:13 39:8:13 40:10:19 42:10:37 43:10:13 45:10:37
# 47:7:7 49:11:7 50:12:13 52:13:13 53:12:13 54:14:19 56:14:37 57:14:13 59:14:37 61:11:7 64:1:1
# 67:16:1 69:17:3 70:18:7 71:19:7 72:20:13 73:21:44 76:21:20 77:20:9 79:19:7 81:22:7 82:23:13
# 83:24:50 86:24:20 87:23:9 89:22:7 92:1:1 95:26:1 97:27:3 99:28:3 100:29:9 102:30:9 103:29:9
# 105:31:21 106:32:11 107:33:11 114:31:21 116:28:3 119:1:1 122:35:1 124:36:3 126:37:3 127:38:9
# 129:39:9 130:38:9 132:40:22 133:41:11 140:40:22 142:37:3 145:1:1 148:43:1 149:44:3 151:45:3
# 152:46:9 154:47:9 155:46:9 156:48:15 158:48:27 159:48:9 161:48:31 163:48:55 164:48:80 166:48:31
# 168:45:3 171:1:1 174:50:1 175:51:3 177:52:3 178:53:9 180:54:9 181:53:9 182:55:15 184:55:27
# 185:55:9 187:55:31 189:55:55 190:55:61 192:55:31 194:52:3 197:1:1 200:57:1 201:58:3 203:59:3
# 204:61:8 206:61:22 207:61:8 209:62:8 211:62:32 218:63:13 226:62:8 228:59:3 231:1:1 234:65:1
# 236:66:3 237:67:7 238:68:7 239:69:13 241:70:13 242:69:13 243:71:19 245:71:31 246:71:13 248:71:31
# 250:68:7 252:72:7 253:73:13 255:74:13 256:73:13 257:75:19 259:75:31 260:75:13 262:75:31 264:72:7
# 267:1:1 270:77:1 272:78:3 274:79:3 275:80:9 277:81:9 278:80:9 279:82:15 281:82:27 282:82:9
# 284:82:27 286:79:3 289:1:1 292:84:1 294:85:3 296:86:3 297:87:9 299:88:9 300:87:9 301:89:15
# 303:89:27 304:89:9 306:89:27 308:86:3 311:1:1 314:91:1 315:92:3 316:93:16 317:94:9 319:95:9
# 320:94:9 322:96:9 323:97:15 325:98:15 326:97:15 327:99:21 329:99:32 330:99:15 332:99:32 334:96:9
# 337:1:1 340:101:1 341:102:3 342:103:16 343:104:9 345:105:9 346:104:9 348:106:9 349:107:15
# 351:108:15 352:107:15 353:109:21 355:109:32 356:109:15 358:109:32 360:106:9 363:1:1 366:111:1
# 367:112:3 369:113:3 370:115:8 372:115:22 373:115:8 375:116:8 377:116:32 378:117:13 380:116:8
# 382:113:3 385:1:1 388:119:1 389:120:3 391:121:3 392:123:13 393:126:8 395:126:31 396:127:13
# 398:126:8 404:124:8 407:123:7 409:121:3 412:1:1 415:129:1 417:130:3 419:131:3 420:133:8 422:133:22
# 423:133:8 425:134:8 427:134:38 428:135:13 430:134:8 432:131:3 435:1:1 438:137:1 440:138:3
# 442:139:3 443:140:10 444:141:14 447:141:44 449:141:14 455:140:10 457:139:3 460:1:1 463:143:1
# 465:144:3 467:145:3 468:146:9 470:147:9 471:146:9 473:148:22 474:149:16 475:149:22 476:149:16
# 478:148:22 480:145:3 483:1:1 486:151:1 488:152:3 490:153:3 491:154:9 493:155:9 494:154:9
# 495:156:15 497:156:27 498:156:9 500:156:31 502:156:61 503:156:74 505:156:31 507:153:3 510:1:1
# 513:158:1 514:159:3 516:160:3 517:161:9 519:162:9 525:163:9 527:161:14 528:161:28 529:161:14
# 531:160:3 534:1:1 537:165:1 538:166:3 540:167:3 541:169:13 542:172:8 544:172:31 545:173:13
# 547:172:8 553:170:8 556:169:7 558:167:3 561:1:1 564:175:1 565:176:3 567:177:3 568:178:9 570:179:9
# 571:178:9 572:180:15 574:180:35 575:180:9 577:180:35 579:177:23 580:177:3 582:177:23 585:1:1
# 588:182:1 589:183:3 591:184:3 592:186:13 593:189:8 595:189:31 601:190:13 603:189:8 609:187:8
# 610:186:7 612:184:3 615:1:1 618:192:1 619:193:3 621:194:3 622:196:13 623:199:8 625:199:31
# 626:200:13 633:199:8 639:197:8 640:196:7 642:194:3 645:1:1 648:202:1 649:203:3 650:204:3 652:205:3
# 653:206:9 654:207:34 657:207:16 658:206:5 660:205:3 663:1:1 666:209:1 667:210:3 668:211:3
# 670:212:3 671:213:9 673:214:9 674:213:9 675:215:15 677:215:27 678:215:9 680:215:27 682:212:3
# 685:1:1 688:219:1 690:220:3 692:221:3 693:222:9 694:223:46 697:223:16 698:222:5 700:221:3 703:1:1
# 706:225:1 708:226:3 710:227:3 711:228:9 713:229:9 714:228:9 715:230:15 717:230:33 718:230:9
# 720:230:33 722:227:3 725:1:1 728:232:1 729:233:3 731:234:3 732:235:10 733:236:14 736:236:44
# 738:236:14 744:235:10 746:234:3 749:1:1 752:238:1 753:239:3 755:240:3 756:241:9 758:242:9
# 759:241:9 761:243:22 762:244:16 763:244:22 764:244:16 766:243:22 768:240:3 771:1:1 774:246:1
# 775:247:3 777:248:3 778:249:9 780:250:9 781:249:9 782:251:15 784:251:27 785:251:9 787:251:27
# 789:248:3 792:1:1 795:253:1 796:254:3 798:255:3 799:256:9 801:257:9 802:256:9 803:258:15
# 805:258:27 806:258:9 808:258:27 810:255:3 813:1:1 816:260:1 818:261:3 820:262:3 821:263:9
# 823:264:9 824:263:9 825:265:15 827:265:33 828:265:9 830:265:33 832:262:3 835:1:1 838:267:1
# 840:268:3 842:269:3 843:270:9 844:271:46 847:271:16 848:270:5 850:269:3 853:1:1 856:273:1
# 858:274:3 860:275:3 861:276:9 863:277:9 864:276:9 865:278:15 867:278:27 868:278:9 870:278:27
# 872:275:3 875:1:1 878:280:1 880:281:3 882:282:3 883:283:9 885:284:9 886:283:9 887:285:15
# 889:285:27 890:285:9 892:285:27 894:282:3 897:1:1 900:287:1 902:288:3 904:289:3 905:290:9
# 907:291:9 908:290:9 909:292:15 911:292:27 912:292:9 914:292:31 916:292:61 917:292:74 919:292:31
# 921:289:3 924:1:1 927:294:1 929:295:3 931:296:3 932:298:8 934:298:22 935:298:8 937:299:8
# 939:299:38 940:300:13 942:299:8 944:296:3 947:1:1 950:302:1 952:303:3 954:304:3 955:305:10
# 956:306:14 959:306:44 961:306:14 967:305:10 969:304:3 972:1:1 975:308:1 977:309:3 979:310:3
# 980:311:9 982:312:9 983:311:9 985:313:22 986:314:16 987:314:22 988:314:16 990:313:22 992:310:3
# 995:1:1 998:317:1 999:318:17 1000:319:19 1007:320:21 1008:321:5 1010:322:5 1011:323:11 1012:326:13
# 1015:325:13 1022:323:7 1024:322:5 1027:1:1 1030:329:1 1031:330:17 1032:331:19 1035:332:19
# 1036:333:21 1037:334:5 1039:335:5 1040:336:11 1042:337:11 1043:336:11 1044:338:17 1046:338:31
# 1047:338:11 1049:338:31 1051:335:5 1054:1:1 1057:340:1 1058:341:3 1060:342:3 1061:343:10
# 1062:344:14 1065:344:66 1067:344:14 1074:343:10 1076:342:3 1079:1:1 1082:346:1 1083:347:3
# 1085:348:3 1086:349:9 1088:350:9 1089:349:9 1090:351:15 1092:351:35 1093:351:9 1095:351:35
# 1097:348:3 1100:1:1 1103:353:1 1104:354:3 1105:355:3 1107:356:30 1108:356:3 1110:356:30 1113:1:1
# 1116:358:1 1117:359:3 1118:360:15 1120:362:5 1123:361:5 1126:1:1 1129:364:1 1130:365:3 1131:366:3
# 1134:1:1 1137:368:1 1138:371:5 1139:372:7 1140:373:23 1141:374:15 1142:375:15 1143:376:21
# 1144:377:27 1146:377:45 1147:377:21 1149:377:45 1156:378:21 1162:375:15 1163:379:15 1165:373:23
# 1167:372:7 1169:371:5 1173:369:3 1176:1:1
