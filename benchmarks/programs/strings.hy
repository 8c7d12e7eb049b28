(defn shift [c k]
  (if (.isalpha c)
      (chr (+ 97 (% (+ (- (ord c) 97) k) 26)))
      c))

(defn encode [text k]
  (.join "" (lfor c text (shift c k))))

(defn acronym [text]
  (.join "" (lfor word (.split text " ") (.upper (cut word 0 1)))))

(defn run [n]
  (setv text "the quick brown fox jumps over"
        seen "")
  (for [_ (range n)]
    (+= seen (+ (acronym text) ","))
    (setv text (encode text 7)))
  (+ text "/" (str (len seen))))
