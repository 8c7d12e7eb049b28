(defn tak [x y z]
  (if (< y x)
      (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))
      z))

(defn run [n] (tak n (- n 6) (- n 12)))
