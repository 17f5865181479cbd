internal import Storage
