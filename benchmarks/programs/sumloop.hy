(defn run [n]
  (setv total 0)
  (for [i (range n)]
    (+= total i))
  total)
