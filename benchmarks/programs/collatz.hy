(defn chain [n]
  (setv steps 0)
  (while (!= n 1)
    (setv n (if (= (% n 2) 0) (// n 2) (+ (* 3 n) 1)))
    (+= steps 1))
  steps)

(defn run [limit]
  (setv longest 0)
  (for [n (range 1 limit)]
    (setv longest (max longest (chain n))))
  longest)
