(defn strike [flags n prime]
  (for [i (range (* prime prime) n prime)]
    (setv (get flags i) False)))

(defn run [n]
  (setv flags (* [True] n)
        count 0)
  (for [i (range 2 n)]
    (when (get flags i)
      (strike flags n i)
      (+= count 1)))
  count)
