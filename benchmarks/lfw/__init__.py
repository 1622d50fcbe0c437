"""What is measured on Labeled Faces in the Wild: methods by its protocol, and studies beside them.

`__main__` measures a method: `fisher`, `network` or `student`, each of which has a `Recipe`.
`quality` and `trainings` are studies. `protocol` has LFW's two views, `people` the many pairs among
the people of View 1's test list, who are measured wherever few pairs would not do.
"""
