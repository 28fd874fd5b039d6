"""The rule table: operations and their derivatives."""
