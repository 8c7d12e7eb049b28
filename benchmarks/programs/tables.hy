(defn count-keys [n]
  (setv table {}
        key 1)
  (for [_ (range n)]
    (setv (get table (% key 500)) (+ 1 (.get table (% key 500) 0)))
    (setv key (% (* key 16807) 2147483647)))
  table)

(defn run [n]
  (setv table (count-keys n)
        most 0)
  (for [key (range 500)]
    (setv most (max most (.get table key 0))))
  most)
