from __future__ import annotations


class Node:
    __slots__ = ("key", "left", "right")

    def __init__(self, key: int) -> None:
        self.key = key
        self.left: Node | None = None
        self.right: Node | None = None


def insert(node: Node, key: int) -> None:
    while True:
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return
            node = node.left
        else:
            if node.right is None:
                node.right = Node(key)
                return
            node = node.right


def height(node: Node | None) -> int:
    if node is None:
        return 0
    return 1 + max(height(node.left), height(node.right))


def run(n: int) -> int:
    root = Node(0)
    key = 12345
    for _ in range(n):
        insert(root, key - 1073741824)
        key = (key * 1103515245 + 12345) % 2147483648
    return height(root)
