(defclass Node []
  (setv __slots__ #("key" "left" "right"))
  (defn __init__ [self key]
    (setv self.key key
          self.left None
          self.right None)))

(defn insert [node key]
  (while True
    (cond (>= key node.key)
            (if (is node.right None)
                (do (setv node.right (Node key)) (return))
                (setv node node.right))
          (is node.left None)
            (do (setv node.left (Node key)) (return))
          True
            (setv node node.left))))

(defn height [node]
  (if (is node None)
      0
      (+ 1 (max (height node.left) (height node.right)))))

(defn run [n]
  (setv root (Node 0)
        key 12345)
  (for [_ (range n)]
    (insert root (- key 1073741824))
    (setv key (% (+ (* key 1103515245) 12345) 2147483648)))
  (height root))
