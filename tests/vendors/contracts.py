def check(fake):
    pass
