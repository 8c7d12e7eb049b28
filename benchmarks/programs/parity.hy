(defn is-even [n] (if (= n 0) True (is-odd (- n 1))))
(defn is-odd [n] (if (= n 0) False (is-even (- n 1))))

(defn run [limit]
  (setv count 0)
  (for [n (range limit)]
    (when (is-even n)
      (+= count 1)))
  count)
