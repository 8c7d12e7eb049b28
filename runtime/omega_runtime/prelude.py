# Compiled by omegac 0.1.0 (interface 1) from prelude.omega
# Source sha256:2d397a356da9fb0291e25b69e1e36c7a12288f20e40b55cfccb2bf4275b1db42
# Output sha256:5c00bf6275d9daf80d67357ea1a8adf5070505bf4a115a8703675288a1d7d70c
# Edit the source and compile again; changes made here are lost.
"""Compiled from prelude.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("0.1.0", 1, __name__, "prelude.omega")

from omega_runtime.compiled import (
    NIL, Pair, any_, append, append_map, apply, as_list, break_, call, call_with_input_string,
    call_with_output_string, car, cdr, check_callee, check_part, checked_table, count, drop_while,
    every, filter_, filter_map, find, find_tail, fold, fold_left, fold_right, for_each,
    get_output_string, hash_table_find, hash_table_fold, hash_table_map_to_list,
    hash_table_ref_default, hash_table_set, hash_table_to_alist, hash_table_update_default,
    hash_table_walk, is_hash_table, is_null, is_pair, is_procedure, list_, list_elements, list_from,
    list_index, list_slices, list_tabulate, list_to_vector, map_, open_input_string,
    open_output_string, pair_fold, pair_for_each, partition, reduce, reduce_right, remove, reverse,
    span, string_any, string_every, string_fold, string_fold_right, string_for_each, string_map,
    string_of_chars, string_slices, take_while, values, vector_any, vector_count, vector_every,
    vector_fold, vector_fold_right, vector_for_each, vector_index, vector_map, vector_slices,
)

__all__ = []
__omega_source__ = "prelude.omega"


def _map__cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("map", 1, procedure)
    if not isinstance(rest, Pair) and is_null(rest):
        def loop_cps(k, items, found):
            if not isinstance(items, Pair):
                if is_null(items):
                    return k, reverse(found)
                items = as_list(items)
            value = items.cdr

            def after_procedure(value_2):
                return loop_cps, k, value, Pair(value_2, found)

            return call, after_procedure, procedure, items.car

        return loop_cps, k, list_elements("map", 2, first), NIL

    def loop_cps_2(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
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
    if not isinstance(rest, Pair) and is_null(rest):
        def loop_cps(k, items):
            if isinstance(items, Pair) or is_pair(items):
                def then(_x):
                    return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

                return call, then, procedure, items.car if isinstance(items, Pair) else car(items)
            return k, None

        return loop_cps, k, list_elements("for-each", 2, first)

    def loop_cps_2(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def then(_x):
                return loop_cps_2, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return apply.cps, then, procedure, items.car if isinstance(items, Pair) else car(items)
        return k, None

    return loop_cps_2, k, list_slices("for-each", 2, first, rest)


for_each.cps = _for_each_cps


def _append_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("append-map", 1, procedure)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, apply(append, reverse(found))
            items = as_list(items)

        def after_apply(part):
            check_part("append-map", procedure, part)
            return (
                loop_cps,
                k,
                items.cdr if isinstance(items, Pair) else cdr(items),
                Pair(part, found),
            )

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, list_slices("append-map", 2, first, rest), NIL


append_map.cps = _append_map_cps


def _filter_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("filter-map", 1, procedure)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, reverse(found)
            items = as_list(items)

        def after_apply(value):
            return (
                loop_cps,
                k,
                items.cdr if isinstance(items, Pair) else cdr(items),
                Pair(value, found) if value is not False else found,
            )

        return apply.cps, after_apply, procedure, items.car

    return loop_cps, k, list_slices("filter-map", 2, first, rest), NIL


filter_map.cps = _filter_map_cps


def _filter__cps(k, predicate, items):
    check_callee("filter", 1, predicate)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, reverse(found)
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_predicate(test):
            if test is not False:
                return then, Pair(items.car if isinstance(items, Pair) else car(items), found)
            return then, found

        return call, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("filter", 2, items), NIL


filter_.cps = _filter__cps


def _remove_cps(k, predicate, items):
    check_callee("remove", 1, predicate)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, reverse(found)
            items = as_list(items)
        value = items.cdr

        def then(value_2):
            return loop_cps, k, value, value_2

        def after_predicate(test):
            if test is not False:
                return then, found
            return then, Pair(items.car if isinstance(items, Pair) else car(items), found)

        return call, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("remove", 2, items), NIL


remove.cps = _remove_cps


def _partition_cps(k, predicate, items):
    check_callee("partition", 1, predicate)

    def loop_cps(k, items, kept, others):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, values(reverse(kept), reverse(others))
            items = as_list(items)

        def after_predicate(test):
            if test is not False:
                return (
                    loop_cps,
                    k,
                    items.cdr if isinstance(items, Pair) else cdr(items),
                    Pair(items.car if isinstance(items, Pair) else car(items), kept),
                    others,
                )
            return (
                loop_cps,
                k,
                items.cdr if isinstance(items, Pair) else cdr(items),
                kept,
                Pair(items.car if isinstance(items, Pair) else car(items), others),
            )

        return call, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("partition", 2, items), NIL, NIL


partition.cps = _partition_cps


def _fold_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("fold", 1, procedure)
    if not isinstance(rest, Pair) and is_null(rest):
        def loop_cps(k, items, result):
            if not isinstance(items, Pair):
                if is_null(items):
                    return k, result
                items = as_list(items)
            value = items.cdr

            def after_procedure(value_2):
                return loop_cps, k, value, value_2

            return call, after_procedure, procedure, result, items.car

        return loop_cps, k, list_elements("fold", 3, first), initial

    def loop_cps_2(k, items, result):
        if not isinstance(items, Pair):
            if is_null(items):
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
        if not isinstance(items, Pair):
            if is_null(items):
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
        if not isinstance(items, Pair):
            if is_null(items):
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
    if not isinstance(items_2, Pair):
        if is_null(items_2):
            return k, initial
        items_2 = as_list(items_2)

    def loop_cps(k, rest, result):
        if not isinstance(rest, Pair):
            if is_null(rest):
                return k, result
            rest = as_list(rest)
        value = rest.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure, result, rest.car

    return loop_cps, k, items_2.cdr, items_2.car


reduce.cps = _reduce_cps


def _reduce_right_cps(k, procedure, initial, items):
    check_callee("reduce-right", 1, procedure)
    items_2 = reverse(list_elements("reduce-right", 3, items))
    if not isinstance(items_2, Pair):
        if is_null(items_2):
            return k, initial
        items_2 = as_list(items_2)

    def loop_cps(k, rest, result):
        if not isinstance(rest, Pair):
            if is_null(rest):
                return k, result
            rest = as_list(rest)
        value = rest.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure, rest.car, result

    return loop_cps, k, items_2.cdr, items_2.car


reduce_right.cps = _reduce_right_cps


def _find_cps(k, predicate, items):
    check_callee("find", 1, predicate)

    def loop_cps(k, items):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, False
            items = as_list(items)

        def after_predicate(test):
            if test is not False:
                return k, items.car if isinstance(items, Pair) else car(items)
            return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

        return call, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("find", 2, items)


find.cps = _find_cps


def _find_tail_cps(k, predicate, items):
    check_callee("find-tail", 1, predicate)

    def loop_cps(k, rest):
        if isinstance(rest, Pair) or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return k, rest
                return loop_cps, k, rest.cdr if isinstance(rest, Pair) else cdr(rest)

            return (
                call,
                after_predicate,
                predicate,
                rest.car if isinstance(rest, Pair) else car(rest),
            )
        list_elements(
            "find-tail", 2, rest if not isinstance(rest, Pair) and is_null(rest) else items
        )
        return k, False

    return loop_cps, k, items


find_tail.cps = _find_tail_cps


def _list_index_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("list-index", 1, predicate)

    def loop_cps(k, items, index):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, False
            items = as_list(items)

        def after_apply(test):
            if test is not False:
                return k, index
            return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items), index + 1

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, list_slices("list-index", 2, first, rest), 0


list_index.cps = _list_index_cps


def _any__cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("any", 1, predicate)

    def loop_cps(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if isinstance(items, Pair) else car(items),
            )
        return k, False

    return loop_cps, k, list_slices("any", 2, first, rest)


any_.cps = _any__cps


def _every_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("every", 1, predicate)

    def loop_cps(k, items, value):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items), value
            return k, False

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, list_slices("every", 2, first, rest), True


every.cps = _every_cps


def _count_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("count", 1, predicate)

    def loop_cps(k, items, number):
        if not isinstance(items, Pair):
            if is_null(items):
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
                    items.cdr if isinstance(items, Pair) else cdr(items),
                    Pair(items.car if isinstance(items, Pair) else car(items), found),
                )
            return k, reverse(found)

        if isinstance(items, Pair) or is_pair(items):
            return call, then, predicate, items.car if isinstance(items, Pair) else car(items)
        return then, False

    return loop_cps, k, list_elements("take-while", 2, items), NIL


take_while.cps = _take_while_cps


def _drop_while_cps(k, predicate, items):
    check_callee("drop-while", 1, predicate)

    def loop_cps(k, rest):
        if isinstance(rest, Pair) or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return loop_cps, k, rest.cdr if isinstance(rest, Pair) else cdr(rest)
                return k, rest

            return (
                call,
                after_predicate,
                predicate,
                rest.car if isinstance(rest, Pair) else car(rest),
            )
        list_elements(
            "drop-while", 2, rest if not isinstance(rest, Pair) and is_null(rest) else items
        )
        return k, rest

    return loop_cps, k, items


drop_while.cps = _drop_while_cps


def _list_tabulate_cps(k, size, procedure):
    check_callee("list-tabulate", 2, procedure)

    def loop_cps(k, indices, found):
        if not isinstance(indices, Pair):
            if is_null(indices):
                return k, reverse(found)
            indices = as_list(indices)
        value = indices.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return call, after_procedure, procedure, indices.car

    def after_list_tabulate(value):
        return loop_cps, k, value, NIL

    return list_tabulate.cps, after_list_tabulate, size, lambda i: i


list_tabulate.cps = _list_tabulate_cps


def _span_cps(k, predicate, items):
    check_callee("span", 1, predicate)

    def loop_cps(k, rest, found):
        if isinstance(rest, Pair) or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return (
                        loop_cps,
                        k,
                        rest.cdr if isinstance(rest, Pair) else cdr(rest),
                        Pair(rest.car if isinstance(rest, Pair) else car(rest), found),
                    )
                return k, values(reverse(found), rest)

            return (
                call,
                after_predicate,
                predicate,
                rest.car if isinstance(rest, Pair) else car(rest),
            )
        list_elements("span", 2, rest if not isinstance(rest, Pair) and is_null(rest) else items)
        return k, values(reverse(found), rest)

    return loop_cps, k, items, NIL


span.cps = _span_cps


def _break__cps(k, predicate, items):
    check_callee("break", 1, predicate)

    def loop_cps(k, rest, found):
        if isinstance(rest, Pair) or is_pair(rest):
            def after_predicate(test):
                if test is not False:
                    return k, values(reverse(found), rest)
                return (
                    loop_cps,
                    k,
                    rest.cdr if isinstance(rest, Pair) else cdr(rest),
                    Pair(rest.car if isinstance(rest, Pair) else car(rest), found),
                )

            return (
                call,
                after_predicate,
                predicate,
                rest.car if isinstance(rest, Pair) else car(rest),
            )
        list_elements("break", 2, rest if not isinstance(rest, Pair) and is_null(rest) else items)
        return k, values(reverse(found), rest)

    return loop_cps, k, items, NIL


break_.cps = _break__cps


def _pair_for_each_cps(k, procedure, items):
    check_callee("pair-for-each", 1, procedure)
    list_elements("pair-for-each", 2, items)

    def loop_cps(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return call, then, procedure, items
        return k, None

    return loop_cps, k, items


pair_for_each.cps = _pair_for_each_cps


def _pair_fold_cps(k, procedure, initial, items):
    check_callee("pair-fold", 1, procedure)
    list_elements("pair-fold", 3, items)

    def loop_cps(k, items, result):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure, items, result

    return loop_cps, k, items, initial


pair_fold.cps = _pair_fold_cps


def _string_for_each_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-for-each", 1, procedure)

    def loop_cps(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return apply.cps, then, procedure, items.car if isinstance(items, Pair) else car(items)
        return k, None

    return loop_cps, k, string_slices("string-for-each", 2, first, rest)


string_for_each.cps = _string_for_each_cps


def _string_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-map", 1, procedure)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
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
        if isinstance(items, Pair) or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if isinstance(items, Pair) else car(items),
            )
        return k, False

    return loop_cps, k, string_slices("string-any", 2, text, NIL)


string_any.cps = _string_any_cps


def _string_every_cps(k, predicate, text):
    check_callee("string-every", 1, predicate)

    def loop_cps(k, items, value):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items), value
            return k, False

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, string_slices("string-every", 2, text, NIL), True


string_every.cps = _string_every_cps


def _string_fold_cps(k, procedure, initial, text):
    check_callee("string-fold", 1, procedure)

    def loop_cps(k, items, result):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure, car(items.car), result

    return loop_cps, k, string_slices("string-fold", 3, text, NIL), initial


string_fold.cps = _string_fold_cps


def _string_fold_right_cps(k, procedure, initial, text):
    check_callee("string-fold-right", 1, procedure)

    def loop_cps(k, items, result):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, result
            items = as_list(items)
        value = items.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure, car(items.car), result

    return loop_cps, k, reverse(string_slices("string-fold-right", 3, text, NIL)), initial


string_fold_right.cps = _string_fold_right_cps


def _vector_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("vector-map", 1, procedure)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
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
        if isinstance(items, Pair) or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return apply.cps, then, procedure, items.car if isinstance(items, Pair) else car(items)
        return k, None

    return loop_cps, k, vector_slices("vector-for-each", 2, first, rest)


vector_for_each.cps = _vector_for_each_cps


def _vector_fold_cps(k, procedure, initial, first, *rest):
    rest = list_from(rest)
    check_callee("vector-fold", 1, procedure)

    def loop_cps(k, items, result):
        if not isinstance(items, Pair):
            if is_null(items):
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
        if not isinstance(items, Pair):
            if is_null(items):
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
        if not isinstance(items, Pair):
            if is_null(items):
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
        if not isinstance(items, Pair):
            if is_null(items):
                return k, False
            items = as_list(items)

        def after_apply(test):
            if test is not False:
                return k, index
            return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items), index + 1

        return apply.cps, after_apply, predicate, items.car

    return loop_cps, k, vector_slices("vector-index", 2, first, rest), 0


vector_index.cps = _vector_index_cps


def _vector_any_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-any", 1, predicate)

    def loop_cps(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def after_apply(value):
                if value is not False:
                    return k, value
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return (
                apply.cps,
                after_apply,
                predicate,
                items.car if isinstance(items, Pair) else car(items),
            )
        return k, False

    return loop_cps, k, vector_slices("vector-any", 2, first, rest)


vector_any.cps = _vector_any_cps


def _vector_every_cps(k, predicate, first, *rest):
    rest = list_from(rest)
    check_callee("vector-every", 1, predicate)

    def loop_cps(k, items, value):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, value
            items = as_list(items)

        def after_apply(value):
            if value is not False:
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items), value
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
        if isinstance(entries, Pair) or is_pair(entries):
            def then(_x):
                return loop_cps, k, entries.cdr if isinstance(entries, Pair) else cdr(entries)

            return (
                call,
                then,
                procedure_2,
                car(entries.car if isinstance(entries, Pair) else car(entries)),
                cdr(entries.car if isinstance(entries, Pair) else car(entries)),
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
        if not isinstance(entries, Pair):
            if is_null(entries):
                return k, result
            entries = as_list(entries)
        value = entries.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, value_2

        return call, after_procedure, procedure_2, car(entries.car), cdr(entries.car), result

    return loop_cps, k, entries, initial_2


hash_table_fold.cps = _hash_table_fold_cps


def _hash_table_find_cps(k, procedure, table):
    check_callee("hash-table-find", 1, procedure)

    def loop_cps(k, entries):
        if isinstance(entries, Pair) or is_pair(entries):
            def after_procedure(value):
                if value is not False:
                    return k, value
                return loop_cps, k, entries.cdr if isinstance(entries, Pair) else cdr(entries)

            return (
                call,
                after_procedure,
                procedure,
                car(entries.car if isinstance(entries, Pair) else car(entries)),
                cdr(entries.car if isinstance(entries, Pair) else car(entries)),
            )
        return k, False

    return loop_cps, k, hash_table_to_alist(checked_table("hash-table-find", 2, table))


hash_table_find.cps = _hash_table_find_cps


def _hash_table_map_to_list_cps(k, procedure, table):
    check_callee("hash-table-map->list", 1, procedure)

    def loop_cps(k, entries, found):
        if not isinstance(entries, Pair):
            if is_null(entries):
                return k, reverse(found)
            entries = as_list(entries)
        value = entries.cdr

        def after_procedure(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return call, after_procedure, procedure, car(entries.car), cdr(entries.car)

    return loop_cps, k, hash_table_to_alist(checked_table("hash-table-map->list", 2, table)), NIL


hash_table_map_to_list.cps = _hash_table_map_to_list_cps


def _hash_table_update_default_cps(k, table, key, procedure, default):
    checked_table("hash-table-update!/default", 1, table)
    check_callee("hash-table-update!/default", 3, procedure)

    def after_procedure(value):
        return k, hash_table_set(table, key, value)

    return call, after_procedure, procedure, hash_table_ref_default(table, key, default)


hash_table_update_default.cps = _hash_table_update_default_cps


def _call_with_output_string_cps(k, procedure):
    check_callee("call-with-output-string", 1, procedure)
    port = open_output_string()

    def then(_x):
        return k, get_output_string(port)

    return call, then, procedure, port


call_with_output_string.cps = _call_with_output_string_cps


def _call_with_input_string_cps(k, text, procedure):
    check_callee("call-with-input-string", 2, procedure)
    return call, k, procedure, open_input_string(text)


call_with_input_string.cps = _call_with_input_string_cps


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 29:4:1 31:5:3 32:6:7 33:7:7 34:8:13 36:9:13 37:8:13 38:10:19 40:10:37 41:10:13 43:10:37
# 45:7:7 47:11:7 48:12:13 50:13:13 51:12:13 52:14:19 54:14:37 55:14:13 57:14:37 59:11:7 62:1:1
# 65:16:1 67:17:3 68:18:7 69:19:7 70:20:13 71:21:44 74:21:20 75:20:9 77:19:7 79:22:7 80:23:13
# 81:24:50 84:24:20 85:23:9 87:22:7 90:1:1 93:26:1 95:27:3 97:28:3 98:29:9 100:30:9 101:29:9
# 103:31:21 104:32:11 105:33:11 112:31:21 114:28:3 117:1:1 120:35:1 122:36:3 124:37:3 125:38:9
# 127:39:9 128:38:9 130:40:22 131:41:11 138:40:22 140:37:3 143:1:1 146:43:1 147:44:3 149:45:3
# 150:46:9 152:47:9 153:46:9 154:48:15 156:48:27 157:48:9 159:48:31 161:48:55 162:48:80 164:48:31
# 166:45:3 169:1:1 172:50:1 173:51:3 175:52:3 176:53:9 178:54:9 179:53:9 180:55:15 182:55:27
# 183:55:9 185:55:31 187:55:55 188:55:61 190:55:31 192:52:3 195:1:1 198:57:1 199:58:3 201:59:3
# 202:61:8 204:61:22 205:61:8 207:62:8 209:62:32 216:63:13 224:62:8 226:59:3 229:1:1 232:65:1
# 234:66:3 235:67:7 236:68:7 237:69:13 239:70:13 240:69:13 241:71:19 243:71:31 244:71:13 246:71:31
# 248:68:7 250:72:7 251:73:13 253:74:13 254:73:13 255:75:19 257:75:31 258:75:13 260:75:31 262:72:7
# 265:1:1 268:77:1 270:78:3 272:79:3 273:80:9 275:81:9 276:80:9 277:82:15 279:82:27 280:82:9
# 282:82:27 284:79:3 287:1:1 290:84:1 292:85:3 294:86:3 295:87:9 297:88:9 298:87:9 299:89:15
# 301:89:27 302:89:9 304:89:27 306:86:3 309:1:1 312:91:1 313:92:3 314:93:16 315:94:9 317:95:9
# 318:94:9 320:96:9 321:97:15 323:98:15 324:97:15 325:99:21 327:99:32 328:99:15 330:99:32 332:96:9
# 335:1:1 338:101:1 339:102:3 340:103:16 341:104:9 343:105:9 344:104:9 346:106:9 347:107:15
# 349:108:15 350:107:15 351:109:21 353:109:32 354:109:15 356:109:32 358:106:9 361:1:1 364:111:1
# 365:112:3 367:113:3 368:115:8 370:115:22 371:115:8 373:116:8 375:116:32 376:117:13 378:116:8
# 380:113:3 383:1:1 386:119:1 387:120:3 389:121:3 390:123:13 391:126:8 393:126:31 394:127:13
# 396:126:8 402:124:8 405:123:7 407:121:3 410:1:1 413:129:1 415:130:3 417:131:3 418:133:8 420:133:22
# 421:133:8 423:134:8 425:134:38 426:135:13 428:134:8 430:131:3 433:1:1 436:137:1 438:138:3
# 440:139:3 441:140:10 442:141:14 445:141:44 447:141:14 453:140:10 455:139:3 458:1:1 461:143:1
# 463:144:3 465:145:3 466:146:9 468:147:9 469:146:9 471:148:22 472:149:16 473:149:22 474:149:16
# 476:148:22 478:145:3 481:1:1 484:151:1 486:152:3 488:153:3 489:154:9 491:155:9 492:154:9
# 493:156:15 495:156:27 496:156:9 498:156:31 500:156:61 501:156:74 503:156:31 505:153:3 508:1:1
# 511:158:1 512:159:3 514:160:3 515:161:9 517:162:9 523:163:9 525:161:14 526:161:28 527:161:14
# 529:160:3 532:1:1 535:165:1 536:166:3 538:167:3 539:169:13 540:172:8 542:172:31 543:173:13
# 545:172:8 551:170:8 554:169:7 556:167:3 559:1:1 562:175:1 563:176:3 565:177:3 566:178:9 568:179:9
# 569:178:9 570:180:15 572:180:35 573:180:9 575:180:35 577:177:23 578:177:3 580:177:23 583:1:1
# 586:182:1 587:183:3 589:184:3 590:186:13 591:189:8 593:189:31 599:190:13 601:189:8 607:187:8
# 608:186:7 610:184:3 613:1:1 616:192:1 617:193:3 619:194:3 620:196:13 621:199:8 623:199:31
# 624:200:13 631:199:8 637:197:8 638:196:7 640:194:3 643:1:1 646:202:1 647:203:3 648:204:3 650:205:3
# 651:206:9 652:207:34 655:207:16 656:206:5 658:205:3 661:1:1 664:209:1 665:210:3 666:211:3
# 668:212:3 669:213:9 671:214:9 672:213:9 673:215:15 675:215:27 676:215:9 678:215:27 680:212:3
# 683:1:1 686:219:1 688:220:3 690:221:3 691:222:9 692:223:46 695:223:16 696:222:5 698:221:3 701:1:1
# 704:225:1 706:226:3 708:227:3 709:228:9 711:229:9 712:228:9 713:230:15 715:230:33 716:230:9
# 718:230:33 720:227:3 723:1:1 726:232:1 727:233:3 729:234:3 730:235:10 731:236:14 734:236:44
# 736:236:14 742:235:10 744:234:3 747:1:1 750:238:1 751:239:3 753:240:3 754:241:9 756:242:9
# 757:241:9 759:243:22 760:244:16 761:244:22 762:244:16 764:243:22 766:240:3 769:1:1 772:246:1
# 773:247:3 775:248:3 776:249:9 778:250:9 779:249:9 780:251:15 782:251:27 783:251:9 785:251:27
# 787:248:3 790:1:1 793:253:1 794:254:3 796:255:3 797:256:9 799:257:9 800:256:9 801:258:15
# 803:258:27 804:258:9 806:258:27 808:255:3 811:1:1 814:260:1 816:261:3 818:262:3 819:263:9
# 821:264:9 822:263:9 823:265:15 825:265:33 826:265:9 828:265:33 830:262:3 833:1:1 836:267:1
# 838:268:3 840:269:3 841:270:9 842:271:46 845:271:16 846:270:5 848:269:3 851:1:1 854:273:1
# 856:274:3 858:275:3 859:276:9 861:277:9 862:276:9 863:278:15 865:278:27 866:278:9 868:278:27
# 870:275:3 873:1:1 876:280:1 878:281:3 880:282:3 881:283:9 883:284:9 884:283:9 885:285:15
# 887:285:27 888:285:9 890:285:27 892:282:3 895:1:1 898:287:1 900:288:3 902:289:3 903:290:9
# 905:291:9 906:290:9 907:292:15 909:292:27 910:292:9 912:292:31 914:292:61 915:292:74 917:292:31
# 919:289:3 922:1:1 925:294:1 927:295:3 929:296:3 930:298:8 932:298:22 933:298:8 935:299:8
# 937:299:38 938:300:13 940:299:8 942:296:3 945:1:1 948:302:1 950:303:3 952:304:3 953:305:10
# 954:306:14 957:306:44 959:306:14 965:305:10 967:304:3 970:1:1 973:308:1 975:309:3 977:310:3
# 978:311:9 980:312:9 981:311:9 983:313:22 984:314:16 985:314:22 986:314:16 988:313:22 990:310:3
# 993:1:1 996:317:1 997:318:17 998:319:19 1005:320:21 1006:321:5 1008:322:5 1009:323:11 1010:326:13
# 1013:325:13 1020:323:7 1022:322:5 1025:1:1 1028:329:1 1029:330:17 1030:331:19 1033:332:19
# 1034:333:21 1035:334:5 1037:335:5 1038:336:11 1040:337:11 1041:336:11 1042:338:17 1044:338:31
# 1045:338:11 1047:338:31 1049:335:5 1052:1:1 1055:340:1 1056:341:3 1058:342:3 1059:343:10
# 1060:344:14 1063:344:66 1065:344:14 1072:343:10 1074:342:3 1077:1:1 1080:346:1 1081:347:3
# 1083:348:3 1084:349:9 1086:350:9 1087:349:9 1088:351:15 1090:351:35 1091:351:9 1093:351:35
# 1095:348:3 1098:1:1 1101:353:1 1102:354:3 1103:355:3 1105:356:30 1106:356:3 1108:356:30 1111:1:1
# 1114:358:1 1115:359:3 1116:360:15 1118:362:5 1121:361:5 1124:1:1 1127:364:1 1128:365:3 1129:366:3
# 1132:1:1
