(defn run [n]
  (sum (gfor x (range n) :if (= (% x 2) 0) (* x x))))
