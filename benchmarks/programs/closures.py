from collections.abc import Callable


def make_account(balance: int) -> Callable[[str, int], int]:
    def deposit(amount: int) -> int:
        nonlocal balance
        balance += amount
        return balance

    def withdraw(amount: int) -> int:
        nonlocal balance
        if amount <= balance:
            balance -= amount
        return balance

    return lambda action, amount: deposit(amount) if action == "deposit" else withdraw(amount)


def run(n: int) -> int:
    account = make_account(0)
    for i in range(n):
        if i % 3 == 0:
            account("withdraw", 5)
        else:
            account("deposit", i)
    return account("deposit", 0)
