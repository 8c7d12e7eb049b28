# Compiled by omegac 0.1.0 (interface 1) from prelude.omega
# Source sha256:d8b486104597a74ac36ad9389bff62e546751f610664be1854924ae61fe826da
# Output sha256:c8d4bdadea11a93aa767112f085c268392e7416a2093da513eba120900f85d18
# Edit the source and compile again; changes made here are lost.
"""Compiled from prelude.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("0.1.0", 1, __name__, "prelude.omega")

from omega_runtime.compiled import (
    NIL, Pair, any_, append, append_map, apply, as_list, call, call_with_output_string, car, cdr,
    check_callee, check_part, count, drop_while, every, filter_, filter_map, find, find_tail, fold,
    fold_left, fold_right, for_each, get_output_string, hash_table_to_alist, hash_table_walk,
    is_null, is_pair, list_, list_elements, list_from, list_index, list_slices, list_tabulate,
    list_to_string, list_to_vector, map_, open_output_string, partition, reduce, reduce_right,
    remove, reverse, string_for_each, string_map, string_to_list, take_while, values,
    vector_for_each, vector_map, vector_to_list,
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

    def loop_cps(k, items):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, False
            items = as_list(items)

        def after_predicate(test):
            if test is not False:
                return k, items
            return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

        return call, after_predicate, predicate, items.car

    return loop_cps, k, list_elements("find-tail", 2, items)


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

    def loop_cps(k, items):
        def then(test):
            if test is not False:
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)
            return k, items

        if isinstance(items, Pair) or is_pair(items):
            return call, then, predicate, items.car if isinstance(items, Pair) else car(items)
        return then, False

    return loop_cps, k, list_elements("drop-while", 2, items)


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


def _string_for_each_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-for-each", 1, procedure)

    def loop_cps(k, items):
        if isinstance(items, Pair) or is_pair(items):
            def then(_x):
                return loop_cps, k, items.cdr if isinstance(items, Pair) else cdr(items)

            return apply.cps, then, procedure, items.car if isinstance(items, Pair) else car(items)
        return k, None

    def after_slices(value):
        return loop_cps, k, value

    value = string_to_list(first)

    def after_map(value_2):
        return after_slices, list_slices("string-for-each", 2, value, value_2)

    return map_.cps, after_map, string_to_list, rest


string_for_each.cps = _string_for_each_cps


def _string_map_cps(k, procedure, first, *rest):
    rest = list_from(rest)
    check_callee("string-map", 1, procedure)

    def loop_cps(k, items, found):
        if not isinstance(items, Pair):
            if is_null(items):
                return k, list_to_string(reverse(found))
            items = as_list(items)
        value = items.cdr

        def after_apply(value_2):
            return loop_cps, k, value, Pair(value_2, found)

        return apply.cps, after_apply, procedure, items.car

    def after_slices(value):
        return loop_cps, k, value, NIL

    value = string_to_list(first)

    def after_map(value_2):
        return after_slices, list_slices("string-map", 2, value, value_2)

    return map_.cps, after_map, string_to_list, rest


string_map.cps = _string_map_cps


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

    def after_slices(value):
        return loop_cps, k, value, NIL

    value = vector_to_list(first)

    def after_map(value_2):
        return after_slices, list_slices("vector-map", 2, value, value_2)

    return map_.cps, after_map, vector_to_list, rest


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

    def after_slices(value):
        return loop_cps, k, value

    value = vector_to_list(first)

    def after_map(value_2):
        return after_slices, list_slices("vector-for-each", 2, value, value_2)

    return map_.cps, after_map, vector_to_list, rest


vector_for_each.cps = _vector_for_each_cps


def _hash_table_walk_cps(k, table, procedure):
    check_callee("hash-table-walk", 2, procedure)

    def loop_cps(k, entries):
        if isinstance(entries, Pair) or is_pair(entries):
            def then(_x):
                return loop_cps, k, entries.cdr if isinstance(entries, Pair) else cdr(entries)

            return (
                call,
                then,
                procedure,
                car(entries.car if isinstance(entries, Pair) else car(entries)),
                cdr(entries.car if isinstance(entries, Pair) else car(entries)),
            )
        return k, None

    return loop_cps, k, hash_table_to_alist(table)


hash_table_walk.cps = _hash_table_walk_cps


def _call_with_output_string_cps(k, procedure):
    check_callee("call-with-output-string", 1, procedure)
    port = open_output_string()

    def then(_x):
        return k, get_output_string(port)

    return call, then, procedure, port


call_with_output_string.cps = _call_with_output_string_cps


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 25:4:1 27:5:3 28:6:7 29:7:7 30:8:13 32:9:13 33:8:13 34:10:19 36:10:37 37:10:13 39:10:37
# 41:7:7 43:11:7 44:12:13 46:13:13 47:12:13 48:14:19 50:14:37 51:14:13 53:14:37 55:11:7 58:1:1
# 61:16:1 63:17:3 64:18:7 65:19:7 66:20:13 67:21:44 70:21:20 71:20:9 73:19:7 75:22:7 76:23:13
# 77:24:50 80:24:20 81:23:9 83:22:7 86:1:1 89:26:1 91:27:3 93:28:3 94:29:9 96:30:9 97:29:9 99:31:21
# 100:32:11 101:33:11 108:31:21 110:28:3 113:1:1 116:35:1 118:36:3 120:37:3 121:38:9 123:39:9
# 124:38:9 126:40:22 127:41:11 134:40:22 136:37:3 139:1:1 142:43:1 143:44:3 145:45:3 146:46:9
# 148:47:9 149:46:9 150:48:15 152:48:27 153:48:9 155:48:31 157:48:55 158:48:80 160:48:31 162:45:3
# 165:1:1 168:50:1 169:51:3 171:52:3 172:53:9 174:54:9 175:53:9 176:55:15 178:55:27 179:55:9
# 181:55:31 183:55:55 184:55:61 186:55:31 188:52:3 191:1:1 194:57:1 195:58:3 197:59:3 198:61:8
# 200:61:22 201:61:8 203:62:8 205:62:32 212:63:13 220:62:8 222:59:3 225:1:1 228:65:1 230:66:3
# 231:67:7 232:68:7 233:69:13 235:70:13 236:69:13 237:71:19 239:71:31 240:71:13 242:71:31 244:68:7
# 246:72:7 247:73:13 249:74:13 250:73:13 251:75:19 253:75:31 254:75:13 256:75:31 258:72:7 261:1:1
# 264:77:1 266:78:3 268:79:3 269:80:9 271:81:9 272:80:9 273:82:15 275:82:27 276:82:9 278:82:27
# 280:79:3 283:1:1 286:84:1 288:85:3 290:86:3 291:87:9 293:88:9 294:87:9 295:89:15 297:89:27
# 298:89:9 300:89:27 302:86:3 305:1:1 308:91:1 309:92:3 310:93:16 311:94:9 313:95:9 314:94:9
# 316:96:9 317:97:15 319:98:15 320:97:15 321:99:21 323:99:32 324:99:15 326:99:32 328:96:9 331:1:1
# 334:101:1 335:102:3 336:103:16 337:104:9 339:105:9 340:104:9 342:106:9 343:107:15 345:108:15
# 346:107:15 347:109:21 349:109:32 350:109:15 352:109:32 354:106:9 357:1:1 360:111:1 361:112:3
# 363:113:3 364:115:8 366:115:22 367:115:8 369:116:8 371:116:32 372:117:13 374:116:8 376:113:3
# 379:1:1 382:119:1 383:120:3 385:121:3 386:123:8 388:123:22 389:123:8 391:124:8 393:124:32
# 394:125:13 396:124:8 398:121:3 401:1:1 404:127:1 406:128:3 408:129:3 409:131:8 411:131:22
# 412:131:8 414:132:8 416:132:38 417:133:13 419:132:8 421:129:3 424:1:1 427:135:1 429:136:3
# 431:137:3 432:138:10 433:139:14 436:139:44 438:139:14 444:138:10 446:137:3 449:1:1 452:141:1
# 454:142:3 456:143:3 457:144:9 459:145:9 460:144:9 462:146:22 463:147:16 464:147:22 465:147:16
# 467:146:22 469:143:3 472:1:1 475:149:1 477:150:3 479:151:3 480:152:9 482:153:9 483:152:9
# 484:154:15 486:154:27 487:154:9 489:154:31 491:154:61 492:154:74 494:154:31 496:151:3 499:1:1
# 502:156:1 503:157:3 505:158:3 506:159:9 508:160:9 514:161:9 516:159:14 517:159:28 518:159:14
# 520:158:3 523:1:1 526:163:1 527:164:3 529:165:3 530:166:9 532:167:9 533:168:9 535:166:14
# 536:166:28 537:166:14 539:165:3 542:1:1 545:170:1 546:171:3 548:172:3 549:173:9 551:174:9
# 552:173:9 553:175:15 555:175:35 556:175:9 558:175:35 560:172:23 561:172:3 563:172:23 566:1:1
# 569:179:1 571:180:3 573:181:3 574:182:9 575:183:46 578:183:16 579:182:5 581:181:21 582:181:3
# 584:181:50 586:181:71 587:181:21 589:181:71 592:1:1 595:185:1 597:186:3 599:187:3 600:188:9
# 602:189:9 603:188:9 604:190:15 606:190:33 607:190:9 609:190:33 611:187:21 612:187:3 614:187:45
# 616:187:66 617:187:21 619:187:66 622:1:1 625:192:1 627:193:3 629:194:3 630:195:9 632:196:9
# 633:195:9 634:197:15 636:197:33 637:197:9 639:197:33 641:194:21 642:194:3 644:194:45 646:194:66
# 647:194:21 649:194:66 652:1:1 655:199:1 657:200:3 659:201:3 660:202:9 661:203:46 664:203:16
# 665:202:5 667:201:21 668:201:3 670:201:50 672:201:71 673:201:21 675:201:71 678:1:1 681:205:1
# 682:206:3 684:207:3 685:208:9 686:211:11 689:210:11 696:208:5 698:207:3 701:1:1 704:213:1
# 705:214:3 706:215:15 708:217:5 711:216:5 714:1:1
