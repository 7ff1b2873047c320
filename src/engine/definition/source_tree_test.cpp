#include "engine/definition/source_tree.h"

#include <gtest/gtest.h>

#include "engine/definition/json_reader.h"

namespace auterity::engine {
namespace {

class SourceTreeTest : public testing::Test {
 protected:
  ProblemList problems_;
  ReadDocument document_ =
      read_json("{\n\"a/b\": {\n\"~\": [1,\n{\"x\": true}]},\n\"z\": null}", {}, problems_).value();
  Json value_ = document_.value;
  SourceTree tree_{value_, document_.position};
};

TEST_F(SourceTreeTest, NodesKnowTheirLineAndPointer) {
  const Node list = *tree_.root().find("a/b")->find("~");
  EXPECT_EQ(list.pointer(), "/a~1b/~0");
  EXPECT_EQ(list.line(), 3);
  const Node x = *list.child(1).find("x");
  EXPECT_EQ(x.pointer(), "/a~1b/~0/1/x");
  EXPECT_EQ(x.line(), 4);
  EXPECT_EQ(tree_.root().pointer(), "");
  EXPECT_EQ(*find_pointer(value_, x.pointer()), Json(true));
}

TEST_F(SourceTreeTest, DescendsAsFarAsThePointerLeads) {
  EXPECT_EQ(tree_.root().descend("/a~1b/~0/0").line(), 3);
  EXPECT_EQ(tree_.root().descend("/a~1b/nowhere/x").pointer(), "/a~1b");
  EXPECT_EQ(tree_.root().descend("").pointer(), "");
}

TEST_F(SourceTreeTest, FindsMembersOnly) {
  EXPECT_FALSE(tree_.root().find("missing"));
  EXPECT_FALSE(tree_.root().find("z")->find("anything"));
  EXPECT_FALSE(tree_.root().find_text("z"));
  EXPECT_EQ(tree_.root().find("z")->size(), 0u);
}

}  // namespace
}  // namespace auterity::engine
