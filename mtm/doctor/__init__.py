"""The doctor: tries everything the product stands on, and says in plain words what is wrong and what mends it."""
