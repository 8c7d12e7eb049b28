(defn is-safe [column placed]
  (for [#(distance other) (enumerate (reversed placed) 1)]
    (when (or (= other column) (= (abs (- other column)) distance))
      (return False)))
  True)

(defn solutions [size row placed]
  (when (= row size)
    (return 1))
  (setv total 0)
  (for [column (range size)]
    (when (is-safe column placed)
      (+= total (solutions size (+ row 1) (+ placed [column])))))
  total)

(defn run [size] (solutions size 0 []))
