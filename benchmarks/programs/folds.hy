(import functools [reduce]
        operator [add])

(defn compose [f g] (fn [x] (f (g x))))
(defn times [k] (fn [x] (* k x)))
(defn plus [k] (fn [x] (+ k x)))
(defn is-fit [x] (= (% x 3) 0))

(defn run [n]
  (reduce add (map (compose (plus 1) (times 2)) (filter is-fit (range n))) 0))
