(defn make-account [balance]
  (defn deposit [amount]
    (nonlocal balance)
    (+= balance amount)
    balance)
  (defn withdraw [amount]
    (nonlocal balance)
    (when (<= amount balance)
      (-= balance amount))
    balance)
  (fn [action amount]
    (if (= action "deposit") (deposit amount) (withdraw amount))))

(defn run [n]
  (setv account (make-account 0))
  (for [i (range n)]
    (if (= (% i 3) 0)
        (account "withdraw" 5)
        (account "deposit" i)))
  (account "deposit" 0))
