(defn numbers [n]
  (setv number 1
        result [])
  (for [_ (range n)]
    (.append result number)
    (setv number (% (* number 16807) 2147483647)))
  (.reverse result)
  result)

(defn last-digits [number] (% number 1000))

(defn run [n]
  (setv items (numbers n))
  (+ (get (sorted items) 0) (get (sorted items :key last-digits) 0)))
