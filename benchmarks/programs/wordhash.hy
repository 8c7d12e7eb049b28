(defn words [n]
  (setv number 1 result [])
  (for [_ (range n)]
    (.append result f"word{(% number 400)}")
    (setv number (% (* number 16807) 2147483647)))
  result)

(defn run [n]
  (setv counts {})
  (for [word (words n)]
    (setv (get counts word) (+ 1 (.get counts word 0))))
  (max (.values counts)))
