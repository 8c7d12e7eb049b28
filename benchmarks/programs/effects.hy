(import benchmarks.ledger [ACCOUNTS ask-model])

(defn ask [prompt]
  (ask-model ACCOUNTS prompt 10))

(defn run [n]
  (setv length 0)
  (for [_ (range n)]
    (+= length (len (ask "Say nothing."))))
  length)
