(defn sum-of [a b]
  (cond (= a 0) b
        (= b 0) a
        True #("+" a b)))

(defn product-of [a b]
  (cond (or (= a 0) (= b 0)) 0
        (= a 1) b
        (= b 1) a
        True #("*" a b)))

(defn derivative [e x]
  (cond
    (isinstance e int) 0
    (isinstance e str) (if (= e x) 1 0)
    True (do
      (setv [operator a b] e)
      (if (= operator "+")
          (sum-of (derivative a x) (derivative b x))
          (sum-of (product-of a (derivative b x))
                  (product-of (derivative a x) b))))))

(defn size [e]
  (if (isinstance e tuple)
      (+ 2 (size (get e 1)) (size (get e 2)))
      1))

(defn power [n]
  (if (= n 0) "x" #("*" #("+" "x" n) (power (- n 1)))))

(defn run [n]
  (setv e (power 6) total 0)
  (for [_ (range n)]
    (+= total (size (derivative (derivative e "x") "x"))))
  total)
