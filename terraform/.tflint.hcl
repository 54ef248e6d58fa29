# The rules that tflint brings along; those for AWS are a plugin that it would have to fetch.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# One concern a file: what a module makes stands under its own name, not all of it in main.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
