(import collections [Counter])

(defn words [n]
  (setv number 1 result [])
  (for [_ (range n)]
    (.append result f"word{(% number 40)}")
    (setv number (% (* number 16807) 2147483647)))
  result)

(defn run [n]
  (max (.values (Counter (words n)))))
