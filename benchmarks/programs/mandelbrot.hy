(defn escape [cr ci]
  (setv zr 0.0 zi 0.0 i 0)
  (while True
    (setv rr (* zr zr) ii (* zi zi))
    (when (or (= i 50) (> (+ rr ii) 4.0))
      (return i))
    (setv zi (+ (* 2.0 zr zi) ci)
          zr (+ (- rr ii) cr))
    (+= i 1)))

(defn run [size]
  (setv total 0)
  (for [y (range size)]
    (for [x (range size)]
      (+= total (escape (- (/ (* 3.0 x) size) 2.0)
                        (- (/ (* 2.0 y) size) 1.0)))))
  total)
